/**
 * What leaves no trace in values: messages, tracing, locks, barriers, checks of locks. Calls to these
 * are skipped, arguments and all.
 */

const PREFIXES = ["trace_", "lockdep_", "pr_", "dev_", "vcpu_", "kvm_pr_"];
const VCPU_MESSAGES = ["vcpu_unimpl", "vcpu_debug", "vcpu_err", "vcpu_debug_ratelimited", "vcpu_unimpl"];

export const SILENT_NAMES: readonly string[] = [
  ...words("printk printk_once printk_ratelimited _printk no_printk dump_stack"),
  ...words("pr_emerg pr_alert pr_crit pr_err pr_warn pr_notice pr_info pr_debug pr_cont pr_devel"),
  ...words("pr_err_once pr_warn_once pr_notice_once pr_info_once pr_debug_once"),
  ...words("pr_err_ratelimited pr_warn_ratelimited pr_info_ratelimited pr_debug_ratelimited"),
  ...words(
    "kvm_pr_unimpl kvm_err kvm_info kvm_debug kvm_debug_ratelimited kvm_pr_unimpl_wrmsr kvm_pr_unimpl_rdmsr",
  ),
  ...VCPU_MESSAGES,
  ...words("lockdep_assert_held lockdep_assert_held_write lockdep_assert_held_read lockdep_assert_once"),
  ...words("lockdep_assert_preemption_disabled lockdep_assert_irqs_disabled lockdep_assert_irqs_enabled"),
  ...words("lockdep_assert lockdep_set_class lockdep_assert_in_irq might_sleep might_fault cond_resched"),
  ...words("barrier mb rmb wmb smp_mb smp_rmb smp_wmb smp_mb__after_atomic smp_mb__before_atomic cpu_relax"),
  ...words("smp_mb__after_srcu_read_unlock smp_mb__after_srcu_read_lock barrier_nospec prefetch prefetchw"),
  ...words("preempt_disable preempt_enable preempt_disable_notrace preempt_enable_notrace"),
  ...words(
    "local_irq_disable local_irq_enable local_irq_save local_irq_restore migrate_disable migrate_enable",
  ),
  ...words("spin_lock spin_unlock spin_lock_irqsave spin_unlock_irqrestore spin_lock_irq spin_unlock_irq"),
  ...words("raw_spin_lock raw_spin_unlock raw_spin_lock_irqsave raw_spin_unlock_irqrestore spin_lock_init"),
  ...words("mutex_lock mutex_unlock mutex_init down_read up_read down_write up_write read_lock read_unlock"),
  ...words("write_lock write_unlock rcu_read_lock rcu_read_unlock synchronize_rcu synchronize_srcu"),
  ...words("srcu_read_unlock instrument_atomic_write instrument_atomic_read instrument_atomic_read_write"),
  ...words(
    "kasan_check_write kasan_check_read kcsan_check_access kmsan_unpoison_memory instrument_read instrument_write",
  ),
  ...words(
    "guard scoped_guard static_branch_inc static_branch_dec static_branch_enable static_branch_disable",
  ),
  ...words("static_branch_slow_dec_deferred static_call_update fallthrough"),
];

const NAMES: ReadonlySet<string> = new Set(SILENT_NAMES);

export function isSilent(name: string): boolean {
  if (NAMES.has(name)) return true;
  return (
    name.startsWith("trace_") ||
    (PREFIXES.slice(1, 4).some((prefix) => name.startsWith(prefix)) && !name.includes("_get"))
  );
}

function words(list: string): string[] {
  return list.split(" ");
}
