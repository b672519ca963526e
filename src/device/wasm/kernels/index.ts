export { COLUMNS_IN_BLOCK } from './dense'
export { BLOCK_NUMBERS } from './each'
export { FREE, help, KERNEL, OPERANDS, run } from './pool'
export { BLOCK_ROWS, MOST_COLUMNS, MOST_DEPTH, PANEL_BYTES, PANEL_COLUMNS, THREAD_BYTES } from './product'
