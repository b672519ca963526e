export { warmupThenLinear } from './optimizer.ts'
