export type { Device, Peak } from './device/device.ts'
export type { DeviceOptions } from './device/opening.ts'
export { measurePeak, openDevice } from './device/static.ts'
