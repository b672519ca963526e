export { BLOCKS, DONE, FREE, fail, help, JOBS, KERNEL, OPERANDS, PENDING, run, wait } from './pool'
export { MOST_COLUMNS, MOST_DEPTH, PACKED_PANELS, PANEL_BYTES, THREAD_BYTES } from './product'
export { PANEL_COLUMNS } from './tile'
export { multiplyAdd } from './vector'
