/** How fast work goes, in its own time: while it is paused its clock stands still. */
export interface Pace {
  /** the last moment that was heard of; milliseconds, of the session's clock, as all others here */
  readonly atMs: number
  /** since when it is paused */
  readonly pausedAt: number | undefined
  /** how long it has been paused before */
  readonly pausedMs: number
  /** when its stage began, in its own time */
  readonly startedMs: number
  /** bytes that were hashed or sent since then; more than are done where something is sent again */
  readonly moved: number
  /** moments in its own time, and bytes that had been moved then: the newest last */
  readonly samples: readonly (readonly [ownMs: number, bytes: number])[]
}

/** milliseconds of which the speed is taken */
const WINDOW_MS = 10_000
/** least time between two samples: 50 of them are kept, however many events come */
const SAMPLE_MS = 200
/** from when on a speed is one, and not chance */
const SETTLED_MS = 1_000

export const NO_PACE: Pace = {
  atMs: 0,
  pausedAt: undefined,
  pausedMs: 0,
  startedMs: 0,
  moved: 0,
  samples: [[0, 0]],
}

/** A stage begins. Pure, as everything here. */
export function startedPace(pace: Pace, atMs: number): Pace {
  const at = { ...pace, atMs: Math.max(atMs, pace.atMs), moved: 0 }
  return { ...at, startedMs: ownTime(at), samples: [[ownTime(at), 0]] }
}

/** Bytes were moved, or none and only time went by. */
export function movedPace(pace: Pace, bytes: number, atMs: number): Pace {
  const { pausedAt, pausedMs, startedMs, samples } = pace
  const moved = pace.moved + bytes
  // Written out: this is what every event costs.
  const after = { atMs: Math.max(atMs, pace.atMs), pausedAt, pausedMs, startedMs, moved, samples }
  const own = ownTime(after)
  const [last] = samples.at(-1) ?? [Number.NEGATIVE_INFINITY]
  if (own - last < SAMPLE_MS) return after
  const first = samples.findLastIndex(([sampled]) => own - sampled >= WINDOW_MS)
  after.samples = [...samples.slice(Math.max(0, first)), [own, moved]]
  return after
}

/** Its clock stops, or goes on. */
export function pausedPace(pace: Pace, paused: boolean): Pace {
  const { atMs, pausedAt, pausedMs } = pace
  if (paused === (pausedAt !== undefined)) return pace
  if (pausedAt === undefined) return { ...pace, pausedAt: atMs }
  return { ...pace, pausedAt: undefined, pausedMs: pausedMs + atMs - pausedAt }
}

/** Bytes a second over the last ten seconds in which the work went on; undefined while it is too early to say. */
export function speedOf(pace: Pace): number | undefined {
  const own = ownTime(pace)
  const [since, before] = pace.samples[0] ?? [own, 0]
  return own - since < SETTLED_MS ? undefined : Math.max(0, pace.moved - before) / ((own - since) / 1000)
}

/** Milliseconds that the stage has taken, without pauses. */
export function elapsedMs(pace: Pace): number {
  return ownTime(pace) - pace.startedMs
}

function ownTime({ atMs, pausedAt, pausedMs }: Pace): number {
  return (pausedAt ?? atMs) - pausedMs
}
