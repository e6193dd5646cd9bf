package io.alexnet.kernels.scalar;

import io.alexnet.kernels.ThreadTeam;

/** Work on independent planes, grouped so that a piece is worth its hand-out to a thread. */
public abstract class PlaneTask implements ThreadTeam.Task {
  private final Pieces planes;

  /**
   * @param planeSize elements that the work on one plane reads or writes
   */
  protected PlaneTask(int planes, int planeSize) {
    this.planes = Pieces.ofPlanes(planes, planeSize);
  }

  protected final void runPlanes(ThreadTeam team) {
    team.run(planes.count(), this);
  }

  @Override
  public final void run(int piece, int worker) {
    for (int plane = planes.from(piece); plane < planes.to(piece); plane++) {
      plane(plane, worker);
    }
  }

  protected abstract void plane(int plane, int worker);
}
