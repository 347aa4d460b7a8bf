export * from './generated/native.js'
