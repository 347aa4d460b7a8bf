export * from './generated/master.js'
