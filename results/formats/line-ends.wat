;; SPDX-License-Identifier: GPL-2.0-only
;; Finds the ends of lines, sixteen bytes at a time. Memory: the bytes from 0 on, and room for 16 more behind
;; them; the ends, as i32, from 0x10040 on.
(import "memory" "memory" (memory 3))

;; The newlines in so many bytes, at most `max` of them: how many there are. `~end` ends a line that holds more
;; than printable ASCII and tabs.
(func (export "lineEnds") (param $length i32) (param $max i32) (result i32)
  (local $at i32)
  (local $count i32)
  (local $bytes v128)
  (local $newlines i32) ;; a bit for each of the sixteen, as in the next three
  (local $odd i32)
  (local $before i32)
  (local $plain i32)    ;; -1 while the line is, else 0
  (local.set $plain (i32.const -1))
  (block $done
    (loop $blocks
      (br_if $done (i32.ge_u (local.get $at) (local.get $length)))
      (local.set $bytes (v128.load (local.get $at)))
      ;; Below 0x20, which holds for those from 0x80 on too, since they are compared as signed ones.
      (local.set $odd
        (i8x16.bitmask
          (v128.or
            (i8x16.lt_s (local.get $bytes) (i8x16.splat (i32.const 0x20)))
            (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 0x7f))))))
      (if (local.get $odd)
        (then
          (local.set $newlines (i8x16.bitmask (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 0x0a)))))
          ;; What lies behind the bytes counts for nothing.
          (if (i32.lt_u (i32.sub (local.get $length) (local.get $at)) (i32.const 16))
            (then
              (local.set $newlines
                (i32.and
                  (local.get $newlines)
                  (i32.sub
                    (i32.shl (i32.const 1) (i32.sub (local.get $length) (local.get $at)))
                    (i32.const 1))))))
          (local.set $odd
            (i32.and
              (local.get $odd)
              (i32.xor
                (i32.or
                  (local.get $newlines)
                  (i8x16.bitmask (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 0x09)))))
                (i32.const -1))))
          (block $last
            (loop $lines
              (br_if $last (i32.eqz (local.get $newlines)))
              ;; The bits below that of the newline.
              (local.set $before
                (i32.and
                  (i32.sub (local.get $newlines) (i32.const 1))
                  (i32.xor (local.get $newlines) (i32.const -1))))
              (if (i32.and (local.get $odd) (local.get $before))
                (then (local.set $plain (i32.const 0))))
              (i32.store offset=0x10040
                (i32.shl (local.get $count) (i32.const 2))
                (i32.xor
                  (i32.add (local.get $at) (i32.ctz (local.get $newlines)))
                  (i32.xor (local.get $plain) (i32.const -1))))
              (local.set $count (i32.add (local.get $count) (i32.const 1)))
              (br_if $done (i32.eq (local.get $count) (local.get $max)))
              (local.set $plain (i32.const -1))
              (local.set $odd (i32.and (local.get $odd) (i32.xor (local.get $before) (i32.const -1))))
              (local.set $newlines
                (i32.and (local.get $newlines) (i32.sub (local.get $newlines) (i32.const 1))))
              (br $lines)))
          (if (local.get $odd) (then (local.set $plain (i32.const 0))))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br $blocks)))
  (local.get $count))
