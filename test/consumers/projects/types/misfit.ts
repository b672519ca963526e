import { openDevice } from 'regard'

export const device = openDevice({ thread: 2 })
