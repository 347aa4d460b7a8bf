export * from './generated/resource-provider.js'
