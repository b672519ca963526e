import { settings } from './settings.ts'

/** Whether a lesson took a setting, a door or a part off the page with `hide=`. */
export const hidden = (name: string): boolean => settings.hide.state.value.includes(name)
