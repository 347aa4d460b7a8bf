import { type Flag, flag } from '#base/flags.js'

/**
 * Mesos' other agent flags (appendix A.2): so that a start script of a Mesos agent works here where it asks for nothing that we lack, and is told
 * what we lack where it does. Nothing reads their values.
 */
type Row = readonly [name: string, kind: 'bool' | 'text', standard?: string]

/** Have no effect here, and none that anybody would miss. */
const WITHOUT_EFFECT: readonly Row[] = [
  ['authenticatee', 'text', 'crammd5'],
  ['authentication_backoff_factor', 'text', '1secs'],
  ['authentication_timeout_max', 'text', '1mins'],
  ['authentication_timeout_min', 'text', '5secs'],
  ['cgroups_destroy_timeout', 'text', '1mins'],
  ['container_ports_watch_interval', 'text', '30secs'],
  ['csi_plugin_config_dir', 'text'],
  ['disk_profile_adaptor', 'text'],
  ['docker', 'text', 'docker'],
  ['docker_kill_orphans', 'bool', 'true'],
  ['docker_mesos_image', 'text'],
  ['docker_remove_delay', 'text', '6hrs'],
  ['docker_socket', 'text', '/var/run/docker.sock'],
  ['docker_stop_timeout', 'text', '0ns'],
  ['docker_volume_checkpoint_dir', 'text', '/var/run/mesos/isolators/docker/volume'],
  ['docker_volume_chown', 'bool', 'false'],
  ['agent_subsystems', 'text'],
  ['domain_socket_location', 'text'],
  ['egress_flow_classifier_parent', 'text', 'root'],
  ['ephemeral_ports_per_container', 'text', '1024'],
  ['eth0_name', 'text'],
  ['executor_reregistration_retry_interval', 'text'],
  ['frameworks_home', 'text', ''],
  ['http_authenticators', 'text'],
  ['http_heartbeat_interval', 'text', '30secs'],
  ['ingress_isolate_existing_containers', 'bool', 'true'],
  ['lo_name', 'text'],
  ['memory_profiling', 'bool', 'false'],
  ['modules_dir', 'text'],
  ['network_cni_metrics', 'bool', 'true'],
  ['network_cni_root_dir_persist', 'bool', 'false'],
  ['network_link_speed', 'text'],
  ['network_rate_statistics_interval', 'text'],
  ['network_rate_statistics_window', 'text'],
  ['oversubscribed_resources_interval', 'text', '15secs'],
  ['qos_correction_interval_min', 'text', '0secs'],
  ['zk_session_timeout', 'text', '10secs'],
]

/** Ask for something that we do not do yet: taken only with the value that Mesos has without them. */
const NOT_YET: readonly Row[] = [
  ['acls', 'text'],
  ['agent_features', 'text'],
  ['authenticate_http_executors', 'bool', 'false'],
  ['authenticate_http_readonly', 'bool', 'false'],
  ['authenticate_http_readwrite', 'bool', 'false'],
  ['authorizer', 'text', 'local'],
  ['cgroups_hierarchy', 'text', '/sys/fs/cgroup'],
  ['check_agent_port_range_only', 'bool', 'false'],
  ['container_logger', 'text'],
  ['container_ports_isolated_range', 'text'],
  ['containerizers', 'text', 'mesos'],
  ['credential', 'text'],
  ['default_container_dns', 'text'],
  ['default_container_info', 'text'],
  ['domain', 'text'],
  ['egress_burst', 'text'],
  ['egress_ceil_limit', 'text'],
  ['egress_rate_limit_per_container', 'text'],
  ['egress_rate_per_cpu', 'text'],
  ['egress_unique_flow_per_container', 'bool', 'false'],
  ['enforce_container_ports', 'bool', 'false'],
  ['firewall_rules', 'text'],
  ['hooks', 'text'],
  ['http_credentials', 'text'],
  ['http_executor_domain_sockets', 'bool', 'false'],
  ['ingress_burst', 'text'],
  ['ingress_ceil_limit', 'text'],
  ['ingress_rate_limit_per_container', 'text'],
  ['ingress_rate_per_cpu', 'text'],
  ['ip6', 'text'],
  ['ip6_discovery_command', 'text'],
  ['ip_discovery_command', 'text'],
  ['jwt_secret_key', 'text'],
  ['master_detector', 'text'],
  ['maximum_egress_rate_limit', 'text'],
  ['maximum_ingress_rate_limit', 'text'],
  ['minimum_egress_rate_limit', 'text'],
  ['minimum_ingress_rate_limit', 'text'],
  ['modules', 'text'],
  ['network_cni_config_dir', 'text'],
  ['network_cni_plugins_dir', 'text'],
  ['network_enable_rate_statistics', 'bool', 'false'],
  ['network_enable_snmp_statistics', 'bool', 'false'],
  ['network_enable_socket_statistics_details', 'bool', 'false'],
  ['network_enable_socket_statistics_summary', 'bool', 'false'],
  ['qos_controller', 'text'],
  ['recover', 'text', 'reconnect'],
  ['resource_estimator', 'text'],
  ['resource_provider_config_dir', 'text'],
  ['secret_resolver', 'text'],
  ['volume_gid_range', 'text'],
]

export const laterFlags: Readonly<Record<string, Flag<unknown>>> = Object.fromEntries([
  ...WITHOUT_EFFECT.map((row) => [row[0], declare(row, 'Taken for compatibility; has no effect.')]),
  ...NOT_YET.map((row) => [row[0], declare(row, 'Not supported yet.', refuseOther(row[2]))]),
])

function declare([name, kind, standard]: Row, help: string, check?: (value: unknown) => string | undefined): Flag<unknown> {
  const options = { help, ...(standard !== undefined && { default: standard }), ...(check && { check }) }
  return kind === 'bool' ? flag.bool(name, options) : flag.string(name, options)
}

function refuseOther(standard: string | undefined): (value: unknown) => string | undefined {
  return (value) => (String(value) === standard ? undefined : 'is not supported by this version of the agent; leave the flag out')
}
