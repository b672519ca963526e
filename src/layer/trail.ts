import type { AttentionCall, Device, Handle, Handles } from '../device/device.ts'
import type { LayerForm } from './options.ts'
import type { Texts } from './texts.ts'

/** What of a layer its passes read. */
export interface Learned {
  readonly device: Device
  readonly form: LayerForm
  readonly parameters: Handles
}

/** What a backward needs of its forward. */
export interface Trail {
  readonly X: Handle
  readonly texts: Texts
  /** X as packed rows, with positions added. */
  readonly rows: Handle
  readonly call: AttentionCall
  /** C, before the output matrix. */
  readonly attended: Handle
  readonly source?: { readonly X: Handle; readonly texts: Texts; readonly rows: Handle }
  readonly replaced?: { readonly Q: Handle; readonly own: Handle; readonly at: Handle }
}

/** Gradients on the device. */
export interface GradientHandles {
  /** As X. */
  readonly dX: Handle
  /** As the source of keys and values, where it was another. */
  readonly dSource?: Handle
  /** As the queries that were put in place of others. */
  readonly dQueries?: Handle
  /** By the names of the parameters. */
  readonly dParameters: Handles
}
