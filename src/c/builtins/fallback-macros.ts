/**
 * Macros of the kernel's headers, used where a tree lacks the header (CConfig.fallbackMacros), in the
 * form that follows `#define`. Sources are named beside them.
 */
export const FALLBACK_MACROS: readonly string[] = [
  // include/linux/stddef.h
  "NULL ((void *)0)",
  "true 1",
  "false 0",
  "sizeof_field(t, m) sizeof(((t *)0)->m)",
  // include/uapi/linux/const.h, include/vdso/limits.h
  "UL(x) (x##UL)",
  "ULL(x) (x##ULL)",
  "_AC(x, y) (x##y)",
  "_UL(x) (x##UL)",
  "_ULL(x) (x##ULL)",
  "_BITUL(x) (1UL << (x))",
  "_BITULL(x) (1ULL << (x))",
  "U64_C(x) x##ULL",
  "U8_MAX ((u8)~0U)",
  "U16_MAX ((u16)~0U)",
  "U32_MAX ((u32)~0U)",
  "U64_MAX ((u64)~0ULL)",
  "INT_MAX ((int)(~0U >> 1))",
  "INT_MIN (-INT_MAX - 1)",
  "UINT_MAX (~0U)",
  "LONG_MAX ((long)(~0UL >> 1))",
  "ULONG_MAX (~0UL)",
  "ULLONG_MAX (~0ULL)",
  // include/linux/bits.h, include/vdso/bits.h, include/asm-generic/bitsperlong.h
  "BITS_PER_BYTE 8",
  "BITS_PER_LONG 64",
  "BITS_PER_LONG_LONG 64",
  "BITS_PER_TYPE(type) (sizeof(type) * 8)",
  "BITS_TO_LONGS(nr) (((nr) + 63) / 64)",
  "BIT(nr) (1UL << (nr))",
  "BIT_ULL(nr) (1ULL << (nr))",
  "BIT_MASK(nr) (1UL << ((nr) % 64))",
  "BIT_WORD(nr) ((nr) / 64)",
  "BIT_ULL_MASK(nr) (1ULL << ((nr) % 64))",
  "BIT_ULL_WORD(nr) ((nr) / 64)",
  "GENMASK(h, l) (((~0UL) << (l)) & (~0UL >> (63 - (h))))",
  "GENMASK_ULL(h, l) (((~0ULL) << (l)) & (~0ULL >> (63 - (h))))",
  // include/uapi/linux/bits.h, include/linux/overflow.h: what the two are made of in the tree's own bits.h
  "__GENMASK(h, l) (((~0UL) << (l)) & (~0UL >> (63 - (h))))",
  "__GENMASK_ULL(h, l) (((~0ULL) << (l)) & (~0ULL >> (63 - (h))))",
  "is_signed_type(type) (((type)(-1)) < (type)1)",
  "__type_half_max(type) ((type)1 << (8 * sizeof(type) - 1 - is_signed_type(type)))",
  "type_max(type) ((type)((__type_half_max(type) - 1) + __type_half_max(type)))",
  "DECLARE_BITMAP(name, bits) unsigned long name[(((bits) + 63) / 64)]",
  // include/linux/find.h
  "for_each_set_bit(bit, addr, size) for ((bit) = 0; (bit) = find_next_bit((addr), (size), (bit)), (bit) < (size); (bit)++)",
  "for_each_set_bit_from(bit, addr, size) for (; (bit) = find_next_bit((addr), (size), (bit)), (bit) < (size); (bit)++)",
  "for_each_clear_bit(bit, addr, size) for ((bit) = 0; (bit) = find_next_zero_bit((addr), (size), (bit)), (bit) < (size); (bit)++)",
  "for_each_clear_bit_from(bit, addr, size) for (; (bit) = find_next_zero_bit((addr), (size), (bit)), (bit) < (size); (bit)++)",
  // include/linux/math.h, include/linux/align.h, include/linux/wordpart.h
  "DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))",
  "round_up(x, y) ((((x) - 1) | ((__typeof__(x))((y) - 1))) + 1)",
  "round_down(x, y) ((x) & ~((__typeof__(x))((y) - 1)))",
  "ALIGN(x, a) (((x) + (__typeof__(x))(a) - 1) & ~((__typeof__(x))(a) - 1))",
  "IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a) - 1)) == 0)",
  "upper_32_bits(n) ((u32)(((n) >> 16) >> 16))",
  "lower_32_bits(n) ((u32)((n) & 0xffffffff))",
  // include/linux/err.h
  "MAX_ERRNO 4095",
  "IS_ERR_VALUE(x) ((unsigned long)(void *)(x) >= (unsigned long)-MAX_ERRNO)",
  // include/uapi/asm-generic/errno-base.h, errno.h
  ...errors("EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT"),
  "EBUSY 16",
  "EEXIST 17",
  "ENODEV 19",
  "EINVAL 22",
  "ENOSPC 28",
  "ERANGE 34",
  "ENOSYS 38",
  "EOPNOTSUPP 95",
  "ENOTSUPP 524",
  // include/linux/kern_levels.h: in front of a format, which is not looked at
  ...["EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG", "CONT"].map(
    (level) => `KERN_${level} ""`,
  ),
  // include/linux/compiler_attributes.h, include/linux/init.h, include/linux/cache.h
  "fallthrough do {} while (0)",
  "__packed __attribute__((__packed__))",
  "__aligned(x) __attribute__((__aligned__(x)))",
];

/** Numbers from 1 on, in the order of errno-base.h. */
function errors(names: string): string[] {
  return names.split(" ").map((name, i) => `${name} ${i + 1}`);
}
