import type { Follower } from './follower.js';
import type { FollowerStatus } from './follower-status.js';

/** The followers of one process. Each works and fails by itself. */
export class FollowerGroup {
  constructor(private readonly followers: readonly Follower[]) {}

  /** Runs all until `stop` aborts and each has freed its lease; never rejects. Called once. */
  async run(stop: AbortSignal): Promise<void> {
    await Promise.all(this.followers.map((follower) => follower.run(stop)));
  }

  status(): readonly FollowerStatus[] {
    return this.followers.map((follower) => follower.status());
  }
}
