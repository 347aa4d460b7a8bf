export * from './generated/maintenance.js'
