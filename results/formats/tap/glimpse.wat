;; SPDX-License-Identifier: GPL-2.0-only
;; A look at the first bytes of lines: it sees what `placeLine` and the grammar would see in their strings, or
;; is unsure. Most lines of a log are known by then, and need no string.
;;
;; Memory is as line-ends.wat leaves it; what was seen, from 0x12040 on, is eight i32 for each line, as they are in
;; backlog.ts. Loops over bytes end at the newline, whatever is behind it.
(import "memory" "memory" (memory 3))

(global $BLANK i32 (i32.const 0))
(global $TEXT i32 (i32.const 1))
(global $RESULT i32 (i32.const 2))
(global $RUNNER_RESULT i32 (i32.const 3))
(global $HEADER i32 (i32.const 4))
(global $VERSION i32 (i32.const 5))
(global $PLAN i32 (i32.const 6))
(global $UNSURE i32 (i32.const 7))
(global $ODD i32 (i32.const 8))

;; By the first byte of `TAP`, `KTAP`, `Bail out!`, `Subtest:`, `selftests:`, `Planned`: the second, in lower
;; case.
(data (i32.const 0x22094) "a") ;; T
(data (i32.const 0x220b4) "a") ;; t
(data (i32.const 0x2208b) "t") ;; K
(data (i32.const 0x220ab) "t") ;; k
(data (i32.const 0x22082) "a") ;; B
(data (i32.const 0x220a2) "a") ;; b
(data (i32.const 0x22093) "u") ;; S
(data (i32.const 0x220b3) "e") ;; s
(data (i32.const 0x22090) "l") ;; P

;; Looks at so many lines; `base` is added to all places. Lines that are not plain or longer than `max` are odd.
(func (export "look") (param $lines i32) (param $base i32) (param $max i32)
  (local $line i32)
  (local $start i32)
  (local $end i32)
  (local $stop i32)
  (local $body i32)
  (local $at i32)
  (local $behind i32)
  (local $hashes i32)
  (local $stamped i32)
  (local $kind i32)
  (local $to i32)
  (block $done
    (loop $next
      (br_if $done (i32.eq (local.get $line) (local.get $lines)))
      (local.set $end (i32.load offset=0x10040 (i32.shl (local.get $line) (i32.const 2))))
      (local.set $body (local.get $start))
      (local.set $at (local.get $start))
      (local.set $hashes (i32.const 0))
      (local.set $kind (global.get $ODD))
      (block $known
        (if (i32.lt_s (local.get $end) (i32.const 0))
          (then
            (local.set $end (i32.xor (local.get $end) (i32.const -1)))
            (local.set $stop (local.get $end))
            (br $known)))
        (local.set $stop (local.get $end))
        (br_if $known (i32.gt_u (i32.sub (local.get $end) (local.get $start)) (local.get $max)))
        (local.set $kind (global.get $UNSURE))
        (local.set $stamped (i32.const 0))
        (block $bare
          (loop $layers
            (if (i32.eq (i32.load16_u (local.get $at)) (i32.const 0x2023)) ;; `# `
              (then
                (local.set $hashes (i32.add (local.get $hashes) (i32.const 1)))
                (br_if $known (i32.eq (local.get $hashes) (i32.const 32))) ;; as `maxHashes` of place.ts
                (local.set $at (i32.add (local.get $at) (i32.const 2)))
                (br $layers)))
            (br_if $bare (i32.ne (i32.load8_u (local.get $at)) (i32.const 0x5b))) ;; `[`
            (local.set $behind (call $behindStamp (local.get $at)))
            (br_if $bare (i32.eq (local.get $behind) (local.get $at)))
            (br_if $known (i32.eq (local.get $behind) (i32.const -1)))
            (br_if $known (local.get $stamped))
            (br_if $known (i32.eq (i32.load8_u (local.get $behind)) (i32.const 0x5b)))
            (local.set $stamped (i32.const 1))
            (local.set $at (local.get $behind))
            (br $layers)))
        (local.set $body (local.get $at))
        (local.set $at (call $behindBlanks (local.get $at)))
        (local.set $kind (call $kindOf (local.get $at)))
        (if (i32.eq (local.get $kind) (global.get $TEXT))
          (then
            (if (call $holdsOk (local.get $at) (local.get $end)) (then (local.set $kind (global.get $UNSURE))))
            (loop $blanks
              (if (call $isBlank (i32.load8_u (i32.sub (local.get $stop) (i32.const 1))))
                (then
                  (local.set $stop (i32.sub (local.get $stop) (i32.const 1)))
                  (br $blanks))))))
        (br_if $known (i32.lt_u (local.get $kind) (global.get $RESULT)))
        (if (i32.or (local.get $stamped) (call $holdsTab (local.get $body) (local.get $at)))
          (then (local.set $kind (global.get $UNSURE))))
        (if (i32.eq (local.get $kind) (global.get $RESULT))
          (then
            (local.set $kind (call $result (local.get $at) (local.get $base) (local.get $to)))
            (br $known)))
        (if (i32.eq (local.get $kind) (global.get $HEADER))
          (then
            (local.set $kind (call $header (local.get $at) (local.get $base) (local.get $to)))
            (br $known)))
        (if (i32.eq (local.get $kind) (global.get $VERSION))
          (then
            (local.set $kind (call $version (local.get $at) (local.get $to)))
            (br $known)))
        (if (i32.eq (local.get $kind) (global.get $PLAN))
          (then (local.set $kind (call $plan (local.get $at) (local.get $to))))))
      (i32.store offset=0x12040 (local.get $to)
        (i32.or (local.get $kind) (i32.shl (local.get $hashes) (i32.const 8))))
      (if (i32.ne (local.get $kind) (i32.const 1)) (then (local.set $body (local.get $start))))
      (i32.store offset=0x12044 (local.get $to) (i32.add (local.get $base) (local.get $body)))
      (i32.store offset=0x12048 (local.get $to) (i32.add (local.get $base) (local.get $at)))
      (i32.store offset=0x1204c (local.get $to) (i32.add (local.get $base) (local.get $stop)))
      (local.set $to (i32.add (local.get $to) (i32.const 32)))
      (local.set $start (i32.add (local.get $end) (i32.const 1)))
      (local.set $line (i32.add (local.get $line) (i32.const 1)))
      (br $next))))

;; Behind a stamp of printk, `[   12.345678] `; `from` where there is none, -1 where it may be another one.
(func $behindStamp (param $from i32) (result i32)
  (local $at i32)
  (local $whole i32)
  (local $byte i32)
  (local.set $at (i32.add (local.get $from) (i32.const 1)))
  (loop $spaces
    (local.set $byte (i32.load8_u (local.get $at)))
    (if (i32.eq (local.get $byte) (i32.const 0x20))
      (then
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $spaces))))
  (local.set $whole
    (i32.add (local.get $at) (i32.eq (local.get $byte) (i32.const 0x2b)))) ;; `+`
  (local.set $at (call $behindDigits (local.get $whole)))
  (if (i32.eq (local.get $at) (local.get $whole))
    (then
      ;; `[    T1]`, `[   C0]`, `[Sun Nov 22 …]`, or no stamp at all, as `[ OK ]`.
      (if (i32.or (i32.eq (local.get $byte) (i32.const 0x54)) (i32.eq (local.get $byte) (i32.const 0x43)))
        (then (return (i32.const -1))))
      (if (i32.ne (i32.load8_u offset=1 (local.get $from)) (i32.const 0x20))
        (then
          (if (i32.eq (i32.load8_u offset=4 (local.get $from)) (i32.const 0x20))
            (then (return (i32.const -1))))))
      (return (local.get $from))))
  (if (i32.gt_u (i32.sub (local.get $at) (local.get $whole)) (i32.const 12)) (then (return (i32.const -1))))
  (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 0x2e)) (then (return (i32.const -1)))) ;; `.`
  (local.set $whole (i32.add (local.get $at) (i32.const 1)))
  (local.set $at (call $behindDigits (local.get $whole)))
  (if (i32.eq (local.get $at) (local.get $whole)) (then (return (i32.const -1))))
  (if (i32.gt_u (i32.sub (local.get $at) (local.get $whole)) (i32.const 9)) (then (return (i32.const -1))))
  (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 0x5d)) (then (return (i32.const -1)))) ;; `]`
  (return
    (i32.add
      (i32.add (local.get $at) (i32.const 1))
      (i32.eq (i32.load8_u offset=1 (local.get $at)) (i32.const 0x20)))))

;; The kind of a line; RESULT, HEADER, VERSION and PLAN of all that begin so.
(func $kindOf (param $at i32) (result i32)
  (local $byte i32)
  (local $second i32)
  (local.set $byte (i32.load8_u (local.get $at)))
  (if (i32.eq (local.get $byte) (i32.const 0x6f)) ;; `ok`
    (then
      (if (i32.eq (i32.load16_u (local.get $at)) (i32.const 0x6b6f))
        (then
          (if (call $endsWord (i32.load8_u offset=2 (local.get $at))) (then (return (global.get $RESULT))))))
      (return (call $textOrTotal (local.get $at)))))
  (if (i32.eq (local.get $byte) (i32.const 0x6e)) ;; `not ok`
    (then
      (if (i32.eq (i32.load (local.get $at)) (i32.const 0x20746f6e))
        (then
          (if (i32.eq (i32.load16_u offset=4 (local.get $at)) (i32.const 0x6b6f))
            (then
              (if (call $endsWord (i32.load8_u offset=6 (local.get $at)))
                (then (return (global.get $RESULT))))))))
      (return (call $textOrTotal (local.get $at)))))
  (if (i32.eq (local.get $byte) (i32.const 0x0a)) (then (return (global.get $BLANK))))
  (if (i32.eq (local.get $byte) (i32.const 0x23)) (then (return (global.get $UNSURE)))) ;; `#`
  (if (i32.eq (local.get $byte) (i32.const 0x3c)) (then (return (global.get $UNSURE)))) ;; `<`
  (if (call $isDigit (local.get $byte))
    (then
      (if (i32.eq (local.get $byte) (i32.const 0x31)) ;; `1..`
        (then
          (if (i32.eq (i32.load8_u offset=1 (local.get $at)) (i32.const 0x2e))
            (then (return (global.get $PLAN))))))
      (if (call $isOddNumber (local.get $at)) (then (return (global.get $UNSURE))))
      (return (call $textOrTotal (local.get $at)))))
  (local.set $second (i32.load8_u offset=0x22040 (local.get $byte)))
  (if (local.get $second)
    (then
      (if
        (i32.eq
          (i32.or (i32.load8_u offset=1 (local.get $at)) (i32.const 0x20))
          (local.get $second))
        (then
          (if (i32.eq (local.get $byte) (i32.const 0x73)) (then (return (global.get $HEADER)))) ;; `s`
          (if (i32.eq (local.get $byte) (i32.const 0x54)) (then (return (global.get $VERSION)))) ;; `T`
          (if (i32.eq (local.get $byte) (i32.const 0x4b)) (then (return (global.get $VERSION)))) ;; `K`
          (return (global.get $UNSURE))))))
  (return (call $textOrTotal (local.get $at))))

;; `1..3`, `4.22 [+0.02] `, `2026-11-22T…`, `3 skipped test(s) detected`; others are words like any.
(func $isOddNumber (param $at i32) (result i32)
  (local $next i32)
  (local.set $at (call $behindDigits (local.get $at)))
  (local.set $next (i32.load8_u (local.get $at)))
  (if (i32.eq (local.get $next) (i32.const 0x2e)) (then (return (i32.const 1)))) ;; `.`
  (if (i32.eq (local.get $next) (i32.const 0x2d)) (then (return (i32.const 1)))) ;; `-`
  (if (i32.ne (i32.load (local.get $at)) (i32.const 0x696b7320)) (then (return (i32.const 0)))) ;; ` ski`
  (return (i32.eq (i32.load offset=4 (local.get $at)) (i32.const 0x64657070)))) ;; `pped`

;; UNSURE for `Totals: pass:3`, `# mptcp: pass:3`, whose first word ends so; else TEXT.
(func $textOrTotal (param $at i32) (result i32)
  (loop $word
    (if (i32.gt_u (i32.load8_u (local.get $at)) (i32.const 0x20))
      (then
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $word))))
  (if (i32.ne (i32.load8_u (i32.sub (local.get $at) (i32.const 1))) (i32.const 0x3a)) ;; `:`
    (then (return (global.get $TEXT))))
  (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x0a)) (then (return (global.get $TEXT))))
  (if (i32.ne (i32.load8_u offset=1 (local.get $at)) (i32.const 0x70)) ;; `p`
    (then (return (global.get $TEXT))))
  (return (global.get $UNSURE)))

;; Whether `ok ` begins before `end`: a result may be glued to the text.
(func $holdsOk (param $at i32) (param $end i32) (result i32)
  (local $found i32)
  (loop $blocks
    (local.set $found
      (i8x16.bitmask
        (v128.and
          (i8x16.eq (v128.load (local.get $at)) (i8x16.splat (i32.const 0x6f)))
          (v128.and
            (i8x16.eq (v128.load offset=1 (local.get $at)) (i8x16.splat (i32.const 0x6b)))
            (i8x16.eq (v128.load offset=2 (local.get $at)) (i8x16.splat (i32.const 0x20)))))))
    (if (local.get $found)
      (then
        (return
          (i32.lt_u (i32.add (local.get $at) (i32.ctz (local.get $found))) (local.get $end)))))
    (local.set $at (i32.add (local.get $at) (i32.const 16)))
    (br_if $blocks (i32.lt_u (local.get $at) (local.get $end))))
  (return (i32.const 0)))

(func $holdsTab (param $at i32) (param $end i32) (result i32)
  (block $none
    (loop $bytes
      (br_if $none (i32.eq (local.get $at) (local.get $end)))
      (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x09)) (then (return (i32.const 1))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $bytes)))
  (return (i32.const 0)))
