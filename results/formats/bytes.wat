;; SPDX-License-Identifier: GPL-2.0-only
;; Words of the grammars. A newline is no blank and no digit, so that nothing here goes over the end of a line.

(func $behindBlanks (param $at i32) (result i32)
  (loop $blanks
    (if (call $isBlank (i32.load8_u (local.get $at)))
      (then
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $blanks))))
  (return (local.get $at)))

(func $behindDigits (param $at i32) (result i32)
  (loop $digits
    (if (call $isDigit (i32.load8_u (local.get $at)))
      (then
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $digits))))
  (return (local.get $at)))

(func $isBlank (param $byte i32) (result i32)
  (return
    (i32.or (i32.eq (local.get $byte) (i32.const 0x20)) (i32.eq (local.get $byte) (i32.const 0x09)))))

(func $endsWord (param $byte i32) (result i32)
  (return (i32.or (call $isBlank (local.get $byte)) (i32.eq (local.get $byte) (i32.const 0x0a)))))

(func $isDigit (param $byte i32) (result i32)
  (return (i32.lt_u (i32.sub (local.get $byte) (i32.const 0x30)) (i32.const 10))))
