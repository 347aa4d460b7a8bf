export * from './generated/agent.js'
