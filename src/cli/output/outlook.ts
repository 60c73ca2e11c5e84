import { z } from 'zod'
import { digest } from './parts.js'

const was = z
  .string()
  .describe('a digest, or `unreadable`: something that is no manifest to this program, such as Docker’s schema 1')

/** What an import found at the target, and at its journal. */
export const outlook = {
  targets: z
    .array(
      z.object({
        source: z.string(),
        target: z.string().describe('full name at the target'),
        digest,
        change: z.enum(['new', 'same', 'moved']),
        was: was.optional().describe('what the name meant before, where it moves'),
      }),
    )
    .optional()
    .describe('what becomes of each name at the target; absent where the target was not asked'),
  movedTags: z
    .array(z.object({ name: z.string().describe('repository and tag at the target'), digest, was }))
    .optional()
    .describe('tags of what hangs on roots, such as cosign’s, that mean something else at the target'),
  nothingToDo: z.boolean().optional().describe('all of it was loaded before, and every name is in place'),
  resumed: z.literal(true).optional().describe('an earlier run of the same import was interrupted'),
  finished: z
    .object({
      waybill: digest,
      names: z.array(
        z.object({
          name: z.string().describe('repository and tag at the target'),
          digest,
          action: z
            .enum(['set', 'done', 'left'])
            .describe('left: it has another meaning by now, or the target refuses it'),
        }),
      ),
    })
    .optional()
    .describe('an earlier import that was interrupted while it set names, and is finished first'),
  abandoned: digest.optional().describe('the waybill of an earlier import that had set no name, and is given up'),
  dryRun: z.boolean().optional().describe('with --dry-run: nothing was written'),
}
