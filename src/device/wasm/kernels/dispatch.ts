import { attendPack, attendPart, attendStrip } from './attention'
import {
  attendKeysBackward,
  attendPackBackward,
  attendPartBackward,
  attendSegments,
  attendStripBackward,
} from './attention-backward'
import { addBias, combine, scale, sumColumns } from './dense'
import { dropout } from './dropout'
import { elementary, slopes } from './each'
import { gather, sumRows } from './gather'
import { lossRows, lossRowsBackward } from './loss'
import { mapRows, mapRowsBackward, rotateRows } from './maps'
import { normalize, normalizeBackward } from './normalize'
import {
  ADAM_W,
  ADD_BIAS,
  ATTEND_KEYS_BACKWARD,
  ATTEND_PACK,
  ATTEND_PACK_BACKWARD,
  ATTEND_PARTS,
  ATTEND_PARTS_BACKWARD,
  ATTEND_SEGMENTS,
  ATTEND_STRIPS,
  ATTEND_STRIPS_BACKWARD,
  COMBINE,
  DISTRIBUTE_ROWS,
  DROPOUT,
  ELEMENTARY,
  GATHER,
  LOSS_ROWS,
  LOSS_ROWS_BACKWARD,
  MAP_ROWS,
  MAP_ROWS_BACKWARD,
  NORMALIZE,
  NORMALIZE_BACKWARD,
  PACK_PANELS,
  PEAK,
  PRODUCT_ROWS,
  ROTATE_ROWS,
  SCALE,
  SGD,
  SLOPES,
  SUM_COLUMNS,
  SUM_ROWS,
  SUM_SQUARES,
} from './numbers'
import { adamW, sgd, sumSquares } from './optimize'
import { peak } from './peak'
import { packPanels, productRows } from './product'
import { distributeRows } from './rows'

/** Computes one block of a kernel. */
export function runBlock(kernel: i32, operands: usize, block: i32, thread: i32): void {
  switch (kernel) {
    case PACK_PANELS:
      packPanels(operands, block)
      break
    case PRODUCT_ROWS:
      productRows(operands, block, thread)
      break
    case ATTEND_PACK:
      attendPack(operands, block, thread)
      break
    case ATTEND_SEGMENTS:
      attendSegments(operands, block, thread)
      break
    case ATTEND_STRIPS:
      attendStrip(operands, block, thread)
      break
    case ATTEND_PARTS:
      attendPart(operands, block, thread)
      break
    case ATTEND_PACK_BACKWARD:
      attendPackBackward(operands, block, thread)
      break
    case ATTEND_STRIPS_BACKWARD:
      attendStripBackward(operands, block, thread)
      break
    case ATTEND_KEYS_BACKWARD:
      attendKeysBackward(operands, block, thread)
      break
    case ATTEND_PARTS_BACKWARD:
      attendPartBackward(operands, block, thread)
      break
    case MAP_ROWS:
      mapRows(operands, block)
      break
    case MAP_ROWS_BACKWARD:
      mapRowsBackward(operands, block)
      break
    case ROTATE_ROWS:
      rotateRows(operands, block)
      break
    case COMBINE:
      combine(operands, block)
      break
    case ADD_BIAS:
      addBias(operands, block)
      break
    case SUM_COLUMNS:
      sumColumns(operands, block)
      break
    case SCALE:
      scale(operands, block)
      break
    case NORMALIZE:
      normalize(operands, block)
      break
    case NORMALIZE_BACKWARD:
      normalizeBackward(operands, block)
      break
    case DROPOUT:
      dropout(operands, block)
      break
    case GATHER:
      gather(operands, block)
      break
    case SUM_ROWS:
      sumRows(operands, block)
      break
    case SUM_SQUARES:
      sumSquares(operands, block)
      break
    case ADAM_W:
      adamW(operands, block)
      break
    case SGD:
      sgd(operands, block)
      break
    case ELEMENTARY:
      elementary(operands, block)
      break
    case DISTRIBUTE_ROWS:
      distributeRows(operands, block, thread)
      break
    case SLOPES:
      slopes(operands, block)
      break
    case LOSS_ROWS:
      lossRows(operands, block)
      break
    case LOSS_ROWS_BACKWARD:
      lossRowsBackward(operands, block)
      break
    case PEAK:
      peak(operands)
      break
    default:
      unreachable()
  }
}
