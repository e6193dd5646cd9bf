package io.alexnet.kernels.simd;

import io.alexnet.kernels.Gemm;
import io.alexnet.kernels.GemmShape;
import io.alexnet.kernels.ThreadTeam;

/**
 * C = α·op(A)·op(B) + β·C by register tiles. The operands are left and right of the tile: A and B,
 * or, if B is stored transposed, B and A for Cᵀ = op(B)ᵀ·op(A)ᵀ, so that
 *
 * <ul>
 *   <li>a left operand stored row by row is read in place ({@link RowTile}); stored column by
 *       column (only A transposed, B not) it is copied into panels once, for all pieces;
 *   <li>a right operand stored row by row is read in place, but for a last panel that does not fill
 *       its vectors; stored column by column (only A·Bᵀ) it is copied into panels once.
 * </ul>
 *
 * Panels are filled up with zeros, so no tile ever needs a mask.
 */
final class SimdGemm implements Gemm, ThreadTeam.Task {

  private static final int LANES = RegisterTile.LANES;

  private final GemmShape shape;

  /** Whether the tile computes Cᵀ. */
  private final boolean swapped;

  /** Whether the left operand is read in place. */
  private final boolean byRows;

  private final boolean packsRight;
  private final int k;
  private final int rows;
  private final int columns;
  private final int tileRows;
  private final int tileColumns;
  private final int rowPanels;
  private final int vectors;
  private final int columnPanels;
  private final int depth;
  private final int rowPanelsPerPiece;
  private final int columnPanelsPerPiece;
  private final int strips;
  private final int pieces;
  private final int shared;
  private final int slice;
  private final int rightStep;
  private final ThreadTeam.Task packLeft = this::packLeftPanel;
  private final ThreadTeam.Task packRight = this::packRightPanel;

  private float[] workspace;
  private float alpha;
  private float[] left;
  private int leftOffset;
  private float[] right;
  private int rightOffset;
  private float beta;
  private float[] c;
  private int cOffset;

  SimdGemm(GemmShape shape) {
    this.shape = shape;
    swapped = shape.transposeB();

    byRows = swapped || !shape.transposeA() && shape.n() <= BlockSizes.FEW_COLUMNS;
    packsRight = swapped && !shape.transposeA();
    k = shape.k();
    rows = swapped ? shape.n() : shape.m();
    columns = swapped ? shape.m() : shape.n();

    tileRows = byRows ? RowTile.ROWS : RegisterTile.ROWS;
    tileColumns = byRows ? RowTile.COLUMNS : RegisterTile.COLUMNS;
    rowPanels = ceilDiv(rows, tileRows);
    vectors = ceilDiv(columns, LANES);
    boolean onePanel = vectors * LANES <= tileColumns;
    columnPanels = onePanel ? 1 : ceilDiv(vectors, RegisterTile.VECTORS);
    int longest = byRows ? BlockSizes.ROW_DEPTH : BlockSizes.DEPTH;
    depth = ceilDiv(k, ceilDiv(k, longest));

    columnPanelsPerPiece =
        Math.max(1, Math.min(BlockSizes.PANELS, columnPanels / BlockSizes.PIECES));
    strips = ceilDiv(columnPanels, columnPanelsPerPiece);
    int rowBlocks = Math.min(ceilDiv(BlockSizes.PIECES, strips), ceilDiv(rows, BlockSizes.ROWS));
    rowPanelsPerPiece = ceilDiv(rowPanels, rowBlocks);
    pieces = strips * ceilDiv(rowPanels, rowPanelsPerPiece);

    rightStep = swapped ? shape.lda() : shape.ldb();
    shared = !byRows ? rowPanels * tileRows * k : packsRight ? vectors * LANES * k : 0;
    slice = (tileRows + (packsRight || columns % LANES == 0 ? 0 : depth)) * tileColumns;
  }

  private static int ceilDiv(int a, int b) {
    return (a + b - 1) / b;
  }

  @Override
  public GemmShape shape() {
    return shape;
  }

  @Override
  public int workspace(int threads) {
    return shared + threads * slice;
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
    left = swapped ? b : a;
    leftOffset = swapped ? bOffset : aOffset;
    right = swapped ? a : b;
    rightOffset = swapped ? aOffset : bOffset;
    this.beta = beta;
    this.c = c;
    this.cOffset = cOffset;
    if (!byRows) {
      team.run(rowPanels, packLeft);
    }
    if (packsRight) {
      team.run(columnPanels, packRight);
    }
    team.run(pieces, this);
  }

  /** Panels of the terms p … p + depth − 1 lie together, in the order of the loop over tiles. */
  private int packedLeft(int panel, int p) {
    return (p * rowPanels + panel * Math.min(depth, k - p)) * tileRows;
  }

  private void packLeftPanel(int panel, int worker) {
    int row = panel * tileRows;
    int width = Math.min(tileRows, rows - row);
    for (int p = 0; p < k; p += depth) {
      int terms = Math.min(depth, k - p);
      int to = packedLeft(panel, p);
      if (shape.transposeA()) {
        int from = leftOffset + p * shape.lda() + row;
        Panels.copyRows(left, from, shape.lda(), terms, width, workspace, to, tileRows);
      } else {
        int from = leftOffset + row * shape.lda() + p;
        Panels.transpose(left, from, shape.lda(), width, terms, workspace, to, tileRows);
      }
    }
  }

  /** The first vector of a panel; panels differ by at most one vector in width. */
  private int firstVector(int panel) {
    return (int) ((long) vectors * panel / columnPanels);
  }

  private int packedRight(int panel, int p) {
    return (p * vectors + firstVector(panel) * Math.min(depth, k - p)) * LANES;
  }

  private void packRightPanel(int panel, int worker) {
    int column = firstVector(panel) * LANES;
    int width = firstVector(panel + 1) * LANES - column;
    int filled = Math.min(width, columns - column);
    for (int p = 0; p < k; p += depth) {
      int terms = Math.min(depth, k - p);
      int from = rightOffset + column * shape.lda() + p;
      Panels.transpose(
          right, from, shape.lda(), filled, terms, workspace, packedRight(panel, p), width);
    }
  }

  @Override
  public void run(int piece, int worker) {
    int firstRowPanel = piece / strips * rowPanelsPerPiece;
    int endRowPanel = Math.min(rowPanels, firstRowPanel + rowPanelsPerPiece);
    int firstPanel = piece % strips * columnPanelsPerPiece;
    int endPanel = Math.min(columnPanels, firstPanel + columnPanelsPerPiece);
    int scratch = shared + worker * slice;
    boolean packsLast = !packsRight && columns % LANES > 0 && endPanel == columnPanels;
    for (int p = 0; p < k; p += depth) {
      if (packsLast) {
        packLastRightPanel(p, scratch + tileRows * tileColumns);
      }
      for (int rowPanel = firstRowPanel; rowPanel < endRowPanel; rowPanel++) {
        for (int panel = firstPanel; panel < endPanel; panel++) {
          tile(rowPanel, panel, p, scratch);
        }
      }
    }
  }

  private void packLastRightPanel(int p, int to) {
    int column = firstVector(columnPanels - 1) * LANES;
    int from = rightOffset + p * rightStep + column;
    int terms = Math.min(depth, k - p);
    Panels.copyRows(
        right, from, rightStep, terms, columns - column, workspace, to, vectors * LANES - column);
  }

  /** Adds the terms p … p + depth − 1 to a tile of C. */
  private void tile(int rowPanel, int panel, int p, int scratch) {
    int column = firstVector(panel) * LANES;
    int width = firstVector(panel + 1) * LANES - column;
    int filled = Math.min(width, columns - column);
    float[] from = right;
    int fromOffset = rightOffset + p * rightStep + column;
    int fromStep = rightStep;
    if (packsRight || filled < width) {
      from = workspace;
      fromOffset = packsRight ? packedRight(panel, p) : scratch + tileRows * tileColumns;
      fromStep = width;
    }
    int row = rowPanel * tileRows;
    int height = Math.min(tileRows, rows - row);
    float keep = p == 0 ? beta : 1;
    boolean inPlace =
        !swapped
            && alpha == 1
            && (keep == 0 || keep == 1)
            && height == tileRows
            && filled % LANES == 0;
    if (inPlace) {
      int to = cOffset + row * shape.ldc() + column;
      if (keep == 0) {
        multiply(
            rowPanel,
            p,
            filled,
            from,
            fromOffset,
            fromStep,
            RegisterTile.ZEROS,
            0,
            0,
            c,
            to,
            shape.ldc());
      } else {
        multiply(
            rowPanel,
            p,
            filled,
            from,
            fromOffset,
            fromStep,
            c,
            to,
            shape.ldc(),
            c,
            to,
            shape.ldc());
      }
    } else {
      multiply(
          rowPanel,
          p,
          filled,
          from,
          fromOffset,
          fromStep,
          RegisterTile.ZEROS,
          0,
          0,
          workspace,
          scratch,
          tileColumns);
      int sumsRow = swapped ? 1 : tileColumns;
      int sumsColumn = swapped ? tileColumns : 1;
      int to = cOffset + (swapped ? column * shape.ldc() + row : row * shape.ldc() + column);
      add(
          swapped ? filled : height,
          swapped ? height : filled,
          scratch,
          sumsRow,
          sumsColumn,
          keep,
          to);
    }
  }

  private void multiply(
      int rowPanel,
      int p,
      int filled,
      float[] from,
      int fromOffset,
      int fromStep,
      float[] start,
      int startOffset,
      int startRow,
      float[] to,
      int toOffset,
      int toRow) {
    int terms = Math.min(depth, k - p);
    int width = ceilDiv(filled, LANES);
    if (!byRows) {
      RegisterTile.multiply(
          width,
          terms,
          workspace,
          packedLeft(rowPanel, p),
          tileRows,
          from,
          fromOffset,
          fromStep,
          start,
          startOffset,
          startRow,
          to,
          toOffset,
          toRow);
    } else {
      int row = rowPanel * tileRows;
      int leftRow = swapped ? shape.ldb() : shape.lda();
      RowTile.multiply(
          width,
          Math.min(tileRows, rows - row),
          terms,
          left,
          leftOffset + row * leftRow + p,
          leftRow,
          from,
          fromOffset,
          fromStep,
          start,
          startOffset,
          startRow,
          to,
          toOffset,
          toRow);
    }
  }

  /** C = α·sums + keep·C for a tile that is not full, needs a factor or lies transposed. */
  private void add(
      int height, int width, int sums, int sumsRow, int sumsColumn, float keep, int to) {
    for (int i = 0; i < height; i++, sums += sumsRow, to += shape.ldc()) {
      for (int j = 0; j < width; j++) {
        c[to + j] = alpha * workspace[sums + j * sumsColumn] + (keep == 0 ? 0 : keep * c[to + j]);
      }
    }
  }
}
