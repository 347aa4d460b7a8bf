export * from './generated/quota.js'
