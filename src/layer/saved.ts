import type { AttentionCall, Device, Handle, Handles } from '../device/device.ts'
import type { LayerConfig } from './options.ts'
import type { LayerHost } from './parameters.ts'
import type { Texts } from './texts.ts'

/** What of a layer its passes read. */
export interface LayerParts {
  readonly device: Device
  readonly config: LayerConfig
  readonly host: LayerHost
  /** Its parameters, by their names without a prefix. */
  readonly own: Handles
}

/** What a backward needs of its forward. */
export interface SavedTensors {
  readonly X: Handle
  readonly texts: Texts
  /** Where X is a table: the row of X that stands at each row of the batch. */
  readonly places: Int32Array | undefined
  /** X as packed rows, with positions added; X itself where a table stays one. */
  readonly rows: Handle
  /** As `places`, where keys and values were computed for rows of the table. */
  readonly table: Int32Array | undefined
  /**
   * The rows that queries were computed of; where only some are chosen, they are `rows` at these
   * places, −1 for zeros.
   */
  readonly query: { readonly rows: Handle; readonly at: Int32Array | undefined }
  /** The rows that keys and values were computed of, X's or the source's. */
  readonly keys: Handle
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
  /** By the names of the parameters, with their prefix. */
  readonly dParameters: Handles
}
