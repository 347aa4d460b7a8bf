export * from './generated/mesos.js'
