/** Values that differ between any two runs: only their JSON type is compared. */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

export const VOLATILE = words(`timestamp time registered_time reregistered_time unregistered_time start_time elected_time mtime
  version build_date build_time build_user git_sha git_branch git_tag pid executor_pid hostname host port ip ip_address address
  message reason_text directory sandbox work_dir path root text error url webui_url size nlink log_dir external_log_file leader
  uptime unreachable_time estimated_drain_start_time_seconds`)

/** Whole objects of such values. */
export const VOLATILE_TREES = words(`statistics resource_statistics flags metrics master_info leader_info offered_resources
  offered_resources_full unreserved_resources_allocated reserved_resources_allocated cgroup_info offered build_info address net_cls
  domain processes`)

/** Whether an update already has these is a race; `log_dir` hangs on a flag. */
export const OPTIONAL = words('executor_pid network_infos log_dir')
