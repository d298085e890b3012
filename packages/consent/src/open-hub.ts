import { type HubFilesOptions, openHubFiles } from './hub-files.ts'
import type { HubPorts } from './hub-ports.ts'
import { type HubServices, type HubServicesOptions, openHubServices } from './hub-services.ts'

/** Where a hub keeps what it keeps: the files of one machine, or services that many share. */
export type HubPlace = { readonly data: string } | HubServices

export type HubOptions = Omit<HubFilesOptions, 'data'> &
  Omit<HubServicesOptions, 'place'> & { readonly place: HubPlace }

/** The ports of a hub, whichever its configuration names. */
export function openHub({ place, ...options }: HubOptions): Promise<HubPorts> {
  return 'data' in place
    ? openHubFiles({ ...options, data: place.data })
    : openHubServices({ ...options, place })
}
