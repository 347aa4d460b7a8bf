export * from './generated/executor.js'
