package io.alexnet.kernels.scalar;

import io.alexnet.kernels.ThreadTeam;

/** Work on independent planes, grouped so that a piece is worth its hand-out to a thread. */
public abstract class PlaneTask implements ThreadTeam.Task {

  /** Elements of a piece: some ten microseconds of work, against one or two for the hand-out. */
  private static final int PIECE = 1 << 15;

  private final int planes;
  private final int planesPerPiece;

  /**
   * @param planeSize elements that the work on one plane reads or writes
   */
  protected PlaneTask(int planes, int planeSize) {
    this.planes = planes;
    planesPerPiece = Math.max(1, PIECE / planeSize);
  }

  protected final void runPlanes(ThreadTeam team) {
    team.run((planes + planesPerPiece - 1) / planesPerPiece, this);
  }

  @Override
  public final void run(int piece, int worker) {
    int end = Math.min(planes, (piece + 1) * planesPerPiece);
    for (int plane = piece * planesPerPiece; plane < end; plane++) {
      plane(plane, worker);
    }
  }

  protected abstract void plane(int plane, int worker);
}
