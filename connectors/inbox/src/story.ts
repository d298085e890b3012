import { categories } from '@throughline/domain'
import { z } from 'zod'

const line = z.object({
  id: z.string(),
  section: z.string(),
  text: z.string(),
  headline: z.string(),
  place: z.string().nullable(),
  sources: z.array(z.string()),
  categories: z.array(z.enum(categories)),
  occurredAt: z.number(),
  precision: z.string(),
  learnedAt: z.number(),
  until: z.number().nullable(),
  eventId: z.string(),
})

const story = z.object({
  personId: z.string(),
  version: z.number(),
  updatedAt: z.number(),
  lines: z.array(line),
  current: z.array(z.string()),
})

/** A person's story as it stands in its view: `schemas/avro/PersonStory.avsc`. Times in milliseconds. */
export type Story = z.infer<typeof story>
export type StoryLine = z.infer<typeof line>

/** Undefined where it cannot be read: a story that is not understood is not shown. */
export const readStory = (content: unknown): Story | undefined => story.safeParse(content).data

/** The version a view row gets; the highest wins. */
export const storyVersion = (content: object): number =>
  'version' in content && typeof content.version === 'number' ? content.version : 1
