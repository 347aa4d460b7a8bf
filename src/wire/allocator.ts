export * from './generated/allocator.js'
