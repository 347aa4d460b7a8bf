export * from './generated/meseta.js'
