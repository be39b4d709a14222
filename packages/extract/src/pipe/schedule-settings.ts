import { choiceOf, countOf, lookupPaths, type Configuration } from '@gantry/common'
import type { ScheduleOptions } from './schedule.ts'
import { nextItemModes } from './turns.ts'

/** The section `extract` of the configuration, or that of a source in it. @throws {InvalidUsage} */
export function scheduleSettings(
  configuration: Configuration,
  section = '',
): Pick<ScheduleOptions, 'workers' | 'maxParallelItems' | 'nextItemMode'> {
  const paths = lookupPaths({ sections: ['sources', section], own: 'extract' })
  const find = (key: string): ReturnType<Configuration['find']> => configuration.find(key, paths)
  return {
    workers: countOf(find('workers'), 1) ?? 5,
    maxParallelItems: countOf(find('max_parallel_items'), 1) ?? 20,
    nextItemMode: choiceOf(find('next_item_mode'), nextItemModes) ?? 'round_robin',
  }
}
