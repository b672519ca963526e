export {
  constant,
  type Initializer,
  kaimingNormal,
  kaimingUniform,
  normal,
  uniform,
  xavierNormal,
  xavierUniform,
  zeros,
} from './random.ts'
