export * from './generated/internal.js'
