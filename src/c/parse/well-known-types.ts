/**
 * Typedefs every kernel file sees. The tree's own definition is the same; naming them here saves
 * reading the headers, and keeps the result equal where a tree has only a handful of files.
 * Sources: include/linux/types.h, include/asm-generic/int-ll64.h, include/uapi/linux/types.h,
 * include/linux/kvm_types.h. Each stands for the words of a basic type, sorted.
 */
export const WELL_KNOWN_TYPES: ReadonlyMap<string, string> = new Map([
  ...names("unsigned char", "u8 __u8 uint8_t u_char unchar"),
  ...names("signed char", "s8 __s8 int8_t"),
  ...names("unsigned short", "u16 __u16 uint16_t ushort __le16 __be16 u_short umode_t"),
  ...names("signed short", "s16 __s16 int16_t"),
  ...names("unsigned int", "u32 __u32 uint32_t uint u_int __le32 __be32 gfp_t fmode_t"),
  ...names("int", "s32 __s32 int32_t pid_t"),
  ...names("unsigned long long", "u64 __u64 __le64 __be64 __aligned_u64 uint64_t"),
  ...names("long long", "s64 __s64 int64_t loff_t ktime_t"),
  ...names("unsigned long", "size_t uintptr_t ulong u_long __kernel_size_t __kernel_ulong_t pgoff_t"),
  ...names("long", "ssize_t ptrdiff_t intptr_t __kernel_ssize_t __kernel_long_t"),
  ...names("unsigned long", "gva_t hva_t"),
  ...names("unsigned long long", "gpa_t gfn_t hpa_t hfn_t kvm_pfn_t phys_addr_t dma_addr_t"),
  ...names("_Bool", "bool"),
  ...names("unsigned __int128", "u128 __u128"),
  ...names("__int128", "s128 __s128"),
]);

function names(words: string, list: string): [string, string][] {
  const sorted = words.split(" ").sort().join(" ");
  return list.split(" ").map((name) => [name, sorted]);
}
