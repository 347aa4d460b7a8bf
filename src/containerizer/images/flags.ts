import { flag } from '#base/flags.js'
import { registriesProblem } from './registry/settings.js'
import { imageGcProblem } from './store/gc-config.js'

/** Of images, by Mesos' names (appendix A.2, rows 6-074 to 6-084). */
export const imageFlags = {
  imageProviders: flag.string('image_providers', {
    default: 'docker',
    help: 'Where images come from, in this order: docker (registries, archives and layouts), appc, or paths of modules of your own (docs/guide/images.md). Unlike in Mesos docker is on unless told otherwise.',
  }),
  dockerRegistry: flag.string('docker_registry', {
    default: 'https://registry-1.docker.io',
    help: 'Where images come from whose name has no host: the address of a registry, or a directory with archives of `docker save` and OCI layouts.',
  }),
  dockerConfig: {
    ...flag.string('docker_config', {
      help: 'Docker config.json with credentials and helpers: its path, or its content as JSON.',
    }),
    // The content holds passwords, which nobody shall read in /flags.
    text: (value: string | undefined) => (value?.trim().startsWith('{') ? '{…}' : (value ?? '')),
  },
  dockerRegistries: flag.json('docker_registries', {
    help: 'Registries that are special, as JSON: {"registry.example:5000": {"mirrors": ["https://mirror.example"], "insecure": true, "ca": "/etc/ca.pem"}}.',
    check: registriesProblem,
  }),
  dockerStoreDir: flag.path('docker_store_dir', {
    help: 'Where images are kept. Unset: `store` in --work_dir. It must be on the same host and should be on a disk.',
  }),
  dockerIgnoreRuntime: flag.bool('docker_ignore_runtime', {
    default: 'false',
    help: 'Entrypoint, command, environment, working directory and user of images do not count.',
  }),
  appcSimpleDiscoveryUriPrefix: flag.string('appc_simple_discovery_uri_prefix', {
    default: 'http://',
    help: 'What stands before the name of an Appc image to find it: http://, https:// or a directory.',
  }),
  appcStoreDir: flag.path('appc_store_dir', {
    help: 'Has no effect: images of all kinds are in --docker_store_dir, which shares layers between them.',
  }),
  imageGcConfig: flag.json('image_gc_config', {
    help: 'When images are removed that no container uses, as JSON or a path: {"image_disk_headroom": 0.1, "image_disk_watch_interval": {"nanoseconds": 3600000000000}, "excluded_images": []}. Unset: never by itself.',
    check: imageGcProblem,
  }),
}
