import type * as Load from '@gantry/load'
import type * as Normalize from '@gantry/normalize'

/*
 * The stages above extract, loaded when they are needed and not before: a program that only extracts never loads a
 * worker pool, and one that never loads rows never looks for a driver. The only file that imports them.
 */

export const importNormalize = (): Promise<typeof Normalize> => import('@gantry/normalize')

export const importLoad = (): Promise<typeof Load> => import('@gantry/load')
