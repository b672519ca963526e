import { type Device, type DeviceOptions, openDevice } from 'regard/wasm'

export const opened = (kernels: object): Promise<Device> => {
  const options: DeviceOptions = { device: 'wasm', kernels }
  return openDevice(options)
}
