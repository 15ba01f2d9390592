;; SPDX-License-Identifier: GPL-2.0-only
;; Reads what most lines that are not text are: `ok 12 - name`, `not ok 12 - name # time=3ms`,
;; `ok 3 selftests: net/mptcp: diag.sh`, `selftests: net/mptcp: diag.sh`, `TAP version 13`, `1..3`. The result of
;; a function is the kind of the line, or UNSURE where anything else may be in it: then its string has to be read.
;; What it read is at `$to` as backlog.ts has it. Lines are of printable ASCII, and begin with their content at `$at`.

(func $result (param $at i32) (param $base i32) (param $to i32) (result i32)
  (local $stop i32)
  (local $number i32)
  (local $time i32)
  (local.set $number
    (call $behindBlanks
      (i32.add
        (local.get $at)
        (select (i32.const 2) (i32.const 6) (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x6f)))))) ;; `o`
  (local.set $at (call $behindNumber (local.get $number)))
  (if (i32.eqz (local.get $at)) (then (return (global.get $UNSURE))))
  (if (i32.eqz (call $endsWord (i32.load8_u (local.get $at)))) (then (return (global.get $UNSURE))))
  (i32.store offset=0x12050 (local.get $to) (call $value (local.get $number) (local.get $at)))
  (local.set $at (call $behindBlanks (local.get $at)))
  (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x2d)) ;; `-`
    (then
      (if (call $endsWord (i32.load8_u offset=1 (local.get $at)))
        (then (local.set $at (call $behindBlanks (i32.add (local.get $at) (i32.const 1))))))))
  (if (call $isRunner (local.get $at))
    (then
      (if (call $names (local.get $at) (local.get $base) (local.get $to))
        (then (return (global.get $RUNNER_RESULT))))
      (return (global.get $UNSURE))))
  (local.set $stop (call $mark (local.get $at)))
  (local.set $time (i32.const -1))
  (if (i32.ne (i32.load8_u (local.get $stop)) (i32.const 0x0a))
    (then
      (if (i32.eq (local.get $stop) (local.get $at)) (then (return (global.get $UNSURE))))
      (if (i32.eqz (call $isBlank (i32.load8_u (i32.sub (local.get $stop) (i32.const 1)))))
        (then (return (global.get $UNSURE))))
      (local.set $time (call $milliseconds (local.get $stop)))
      (if (i32.eq (local.get $time) (i32.const -1)) (then (return (global.get $UNSURE))))))
  (block $trimmed
    (loop $blanks
      (br_if $trimmed (i32.eq (local.get $stop) (local.get $at)))
      (br_if $trimmed (i32.eqz (call $isBlank (i32.load8_u (i32.sub (local.get $stop) (i32.const 1))))))
      (local.set $stop (i32.sub (local.get $stop) (i32.const 1)))
      (br $blanks)))
  (i32.store offset=0x12054 (local.get $to) (i32.add (local.get $base) (local.get $at)))
  (i32.store offset=0x12058 (local.get $to) (i32.add (local.get $base) (local.get $stop)))
  (i32.store offset=0x1205c (local.get $to) (local.get $time))
  (return (global.get $RESULT)))

;; What ends the plain part of a description: a directive, an escape, a bracket as of printk's stamps, the line.
(func $mark (param $at i32) (result i32)
  (local $bytes v128)
  (local $found i32)
  (loop $blocks
    (local.set $bytes (v128.load (local.get $at)))
    (local.set $found
      (i8x16.bitmask
        (v128.or
          (v128.or
            (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 0x23)))   ;; `#`
            (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 0x5c))))  ;; `\`
          (v128.or
            (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 0x5d)))   ;; `]`
            (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 0x0a)))))))
    (if (i32.eqz (local.get $found))
      (then
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $blocks))))
  (return (i32.add (local.get $at) (i32.ctz (local.get $found)))))

;; The milliseconds of `# time=46ms`, which has to be all that follows; -1 for anything else.
(func $milliseconds (param $at i32) (result i32)
  (local $stop i32)
  (if (i32.ne (i32.load (local.get $at)) (i32.const 0x69742023)) (then (return (i32.const -1)))) ;; `# ti`
  (if (i32.ne (i32.load offset=3 (local.get $at)) (i32.const 0x3d656d69)) ;; `ime=`
    (then (return (i32.const -1))))
  (local.set $at (i32.add (local.get $at) (i32.const 7)))
  (local.set $stop (call $behindNumber (local.get $at)))
  (if (i32.eqz (local.get $stop)) (then (return (i32.const -1))))
  (if (i32.ne (i32.load16_u (local.get $stop)) (i32.const 0x736d)) (then (return (i32.const -1)))) ;; `ms`
  (if (i32.eqz (call $endsLine (i32.add (local.get $stop) (i32.const 2)))) (then (return (i32.const -1))))
  (return (call $value (local.get $at) (local.get $stop))))

;; `selftests: DIR: TEST`.
(func $header (param $at i32) (param $base i32) (param $to i32) (result i32)
  (if (call $isRunner (local.get $at))
    (then
      (if (call $names (local.get $at) (local.get $base) (local.get $to))
        (then (return (global.get $HEADER))))))
  (return (global.get $UNSURE)))

(func $isRunner (param $at i32) (result i32)
  (if (i32.ne (i32.load (local.get $at)) (i32.const 0x666c6573)) (then (return (i32.const 0)))) ;; `self`
  (if (i32.ne (i32.load offset=4 (local.get $at)) (i32.const 0x74736574)) ;; `test`
    (then (return (i32.const 0))))
  (return (i32.eq (i32.load offset=7 (local.get $at)) (i32.const 0x203a7374)))) ;; `ts: `

;; Whether nothing follows but the `DIR: TEST` of the runner's `selftests: `.
(func $names (param $at i32) (param $base i32) (param $to i32) (result i32)
  (local $name i32)
  (local $stop i32)
  (local.set $at (i32.add (local.get $at) (i32.const 11)))
  (local.set $name (i32.add (call $behindWord (local.get $at)) (i32.const 1)))
  ;; `: `, and something before it.
  (if (i32.ne (i32.load16_u (i32.sub (local.get $name) (i32.const 2))) (i32.const 0x203a))
    (then (return (i32.const 0))))
  (if (i32.eq (i32.sub (local.get $name) (i32.const 2)) (local.get $at)) (then (return (i32.const 0))))
  (local.set $stop (call $behindWord (local.get $name)))
  (if (i32.eq (local.get $stop) (local.get $name)) (then (return (i32.const 0))))
  (i32.store offset=0x12054 (local.get $to) (i32.add (local.get $base) (local.get $name)))
  (i32.store offset=0x12058 (local.get $to) (i32.add (local.get $base) (local.get $stop)))
  (i32.store offset=0x1205c (local.get $to) (i32.add (local.get $base) (local.get $at)))
  (return (call $endsLine (local.get $stop))))

(func $behindWord (param $at i32) (result i32)
  (local $byte i32)
  (block $behind
    (loop $bytes
      (local.set $byte (i32.load8_u (local.get $at)))
      (br_if $behind (i32.lt_u (local.get $byte) (i32.const 0x21)))
      (br_if $behind (i32.eq (local.get $byte) (i32.const 0x23)))
      (br_if $behind (i32.eq (local.get $byte) (i32.const 0x5c)))
      (br_if $behind (i32.eq (local.get $byte) (i32.const 0x5d)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $bytes)))
  (return (local.get $at)))

;; `TAP version 13`, `KTAP version 1`: whether it is KTAP.
(func $version (param $at i32) (param $to i32) (result i32)
  (local $ktap i32)
  (local $digits i32)
  (local.set $ktap (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x4b))) ;; `K`
  (local.set $at (i32.add (local.get $at) (local.get $ktap)))
  (if (i32.ne (i32.load (local.get $at)) (i32.const 0x20504154)) (then (return (global.get $UNSURE)))) ;; `TAP `
  (if (i32.ne (i32.load offset=4 (local.get $at)) (i32.const 0x73726576)) ;; `vers`
    (then (return (global.get $UNSURE))))
  (if (i32.ne (i32.load offset=8 (local.get $at)) (i32.const 0x206e6f69)) ;; `ion `
    (then (return (global.get $UNSURE))))
  (local.set $at (i32.add (local.get $at) (i32.const 12)))
  (local.set $digits (i32.sub (call $behindDigits (local.get $at)) (local.get $at)))
  (if (i32.gt_u (i32.sub (local.get $digits) (i32.const 1)) (i32.const 2)) (then (return (global.get $UNSURE))))
  (if (i32.eqz (call $endsLine (i32.add (local.get $at) (local.get $digits))))
    (then (return (global.get $UNSURE))))
  (i32.store offset=0x12050 (local.get $to) (local.get $ktap))
  (return (global.get $VERSION)))

;; `1..3`.
(func $plan (param $at i32) (param $to i32) (result i32)
  (local $stop i32)
  (if (i32.ne (i32.load16_u offset=1 (local.get $at)) (i32.const 0x2e2e)) ;; `..`
    (then (return (global.get $UNSURE))))
  (local.set $at (i32.add (local.get $at) (i32.const 3)))
  (local.set $stop (call $behindNumber (local.get $at)))
  (if (i32.eqz (local.get $stop)) (then (return (global.get $UNSURE))))
  (if (i32.eqz (call $endsLine (local.get $stop))) (then (return (global.get $UNSURE))))
  (i32.store offset=0x12050 (local.get $to) (call $value (local.get $at) (local.get $stop)))
  (return (global.get $PLAN)))

;; Behind the digits of a number small enough to be read here; 0 where it is none.
(func $behindNumber (param $at i32) (result i32)
  (local $stop i32)
  (local.set $stop (call $behindDigits (local.get $at)))
  (if (i32.gt_u (i32.sub (i32.sub (local.get $stop) (local.get $at)) (i32.const 1)) (i32.const 8))
    (then (return (i32.const 0))))
  (return (local.get $stop)))

(func $value (param $at i32) (param $stop i32) (result i32)
  (local $value i32)
  (loop $digits
    (local.set $value
      (i32.add
        (i32.mul (local.get $value) (i32.const 10))
        (i32.sub (i32.load8_u (local.get $at)) (i32.const 0x30))))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (br_if $digits (i32.lt_u (local.get $at) (local.get $stop))))
  (return (local.get $value)))

(func $endsLine (param $at i32) (result i32)
  (return (i32.eq (i32.load8_u (call $behindBlanks (local.get $at))) (i32.const 0x0a))))
