package io.alexnet.kernels.simd;

import io.alexnet.kernels.Gemm;
import io.alexnet.kernels.GemmShape;
import io.alexnet.kernels.ThreadTeam;

/**
 * C = α·A·Bᵀ + β·C by {@link DotTile}s, straight from the stored rows of A and B. A piece is a few
 * rows of B against all of A, a block of whose columns stays in cache meanwhile.
 */
final class DotGemm implements Gemm, ThreadTeam.Task {

  private static final int ROWS = DotTile.ROWS;
  private static final int COLUMNS = DotTile.COLUMNS;

  private final GemmShape shape;
  private final int wholeVectors;
  private final int blockDepth;
  private final int columnsPerPiece;
  private final int pieces;

  private float[] workspace;
  private float alpha;
  private float[] a;
  private int aOffset;
  private float[] b;
  private int bOffset;
  private float beta;
  private float[] c;
  private int cOffset;

  DotGemm(GemmShape shape) {
    this.shape = shape;
    int lanes = RegisterTile.LANES;
    wholeVectors = shape.k() / lanes * lanes;
    int depthInCache = Math.max(1024, BlockSizes.DOT_BLOCK / shape.m());
    int blocks = (shape.k() + depthInCache - 1) / depthInCache;
    blockDepth = Math.max(lanes, (wholeVectors / blocks + lanes - 1) / lanes * lanes);
    columnsPerPiece = 16 * COLUMNS;
    pieces = (shape.n() + columnsPerPiece - 1) / columnsPerPiece;
  }

  @Override
  public GemmShape shape() {
    return shape;
  }

  @Override
  public int workspace(int threads) {
    return threads * ROWS * COLUMNS;
  }

  @Override
  public void run(
      ThreadTeam team,
      float[] workspace,
      float alpha,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float beta,
      float[] c,
      int cOffset) {
    this.workspace = workspace;
    this.alpha = alpha;
    this.a = a;
    this.aOffset = aOffset;
    this.b = b;
    this.bOffset = bOffset;
    this.beta = beta;
    this.c = c;
    this.cOffset = cOffset;
    team.run(pieces, this);
  }

  @Override
  public void run(int piece, int worker) {
    int first = piece * columnsPerPiece;
    int end = Math.min(shape.n(), first + columnsPerPiece);
    int sums = worker * ROWS * COLUMNS;
    int p = 0;
    do {
      int depth = Math.min(blockDepth, wholeVectors - p);
      boolean last = p + depth == wholeVectors;
      for (int column = first; column < end; column += COLUMNS) {
        for (int row = 0; row < shape.m(); row += ROWS) {
          tile(row, column, Math.min(COLUMNS, end - column), p, depth, last, sums);
        }
      }
      p += depth;
    } while (p < wholeVectors);
  }

  /** Adds the terms p … p + depth − 1, and after the last block those that fill no vector. */
  private void tile(int row, int column, int columns, int p, int depth, boolean last, int sums) {
    int lda = shape.lda();
    int ldb = shape.ldb();
    int rows = Math.min(ROWS, shape.m() - row);
    int ai = aOffset + row * lda;
    int bj = bOffset + column * ldb;
    DotTile.multiply(rows, columns, depth, a, ai + p, lda, b, bj + p, ldb, workspace, sums);
    float keep = p == 0 ? beta : 1;
    for (int i = 0; i < rows; i++) {
      int to = cOffset + (row + i) * shape.ldc() + column;
      for (int j = 0; j < columns; j++) {
        float sum = workspace[sums + i * COLUMNS + j];
        if (last) {
          for (int q = wholeVectors; q < shape.k(); q++) {
            sum += a[ai + i * lda + q] * b[bj + j * ldb + q];
          }
        }
        c[to + j] = alpha * sum + (keep == 0 ? 0 : keep * c[to + j]);
      }
    }
  }
}
