export * from './generated/scheduler.js'
