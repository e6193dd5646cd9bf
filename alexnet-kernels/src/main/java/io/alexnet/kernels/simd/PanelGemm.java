package io.alexnet.kernels.simd;

import io.alexnet.kernels.Gemm;
import io.alexnet.kernels.GemmShape;
import io.alexnet.kernels.ThreadTeam;

/**
 * C = α·op(A)·op(B) + β·C by {@link RegisterTile}s. An operand is copied into panels only where the
 * tile cannot read it in place: A unless it is stored transposed, B only if it is; and the last
 * panel of each if it is not full, so that tails are zeros and not a special case of the tile.
 *
 * <p>A's panels are packed once, for all. Each piece, a block of C, packs its own part of B.
 */
final class PanelGemm implements Gemm, ThreadTeam.Task {

  private static final int ROWS = RegisterTile.ROWS;
  private static final int COLUMNS = RegisterTile.COLUMNS;
  private static final int LANES = RegisterTile.LANES;

  private final GemmShape shape;
  private final int rowPanels;
  private final int rowPanelsPerPiece;
  private final int columnPanels;
  private final int columnPanelsPerPiece;
  private final int strips;
  private final int pieces;
  private final int firstPackedRowPanel;
  private final int packedA;
  private final int packedB;
  private final ThreadTeam.Task packA = this::packRowPanel;

  private float[] workspace;
  private float alpha;
  private float[] a;
  private int aOffset;
  private float[] b;
  private int bOffset;
  private float beta;
  private float[] c;
  private int cOffset;

  PanelGemm(GemmShape shape) {
    this.shape = shape;
    rowPanels = ceilDiv(shape.m(), ROWS);
    columnPanels = ceilDiv(shape.n(), COLUMNS);
    columnPanelsPerPiece =
        Math.max(1, Math.min(BlockSizes.PANELS, columnPanels / BlockSizes.PIECES));
    strips = ceilDiv(columnPanels, columnPanelsPerPiece);
    int rowBlocks =
        Math.min(ceilDiv(BlockSizes.PIECES, strips), ceilDiv(shape.m(), BlockSizes.ROWS));
    rowPanelsPerPiece = ceilDiv(rowPanels, rowBlocks);
    pieces = strips * ceilDiv(rowPanels, rowPanelsPerPiece);
    firstPackedRowPanel = shape.transposeA() ? shape.m() / ROWS : 0;
    packedA = (rowPanels - firstPackedRowPanel) * ROWS * shape.k();
    int packedColumns =
        shape.transposeB() ? columnPanelsPerPiece * COLUMNS : shape.n() % COLUMNS > 0 ? COLUMNS : 0;
    packedB = packedColumns * Math.min(shape.k(), BlockSizes.DEPTH);
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
    return packedA + threads * (packedB + ROWS * COLUMNS);
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
    team.run(rowPanels - firstPackedRowPanel, packA);
    team.run(pieces, this);
  }

  /** Where a row panel begins that was packed, for the terms from {@code p} on. */
  private int packedRowPanel(int panel, int p, int depth) {
    int packedPanels = rowPanels - firstPackedRowPanel;
    return (p * packedPanels + (panel - firstPackedRowPanel) * depth) * ROWS;
  }

  private void packRowPanel(int piece, int worker) {
    int panel = firstPackedRowPanel + piece;
    int row = panel * ROWS;
    int rows = Math.min(ROWS, shape.m() - row);
    for (int p = 0; p < shape.k(); p += BlockSizes.DEPTH) {
      int depth = Math.min(BlockSizes.DEPTH, shape.k() - p);
      int to = packedRowPanel(panel, p, depth);
      if (shape.transposeA()) {
        Panels.copyRows(
            a, aOffset + p * shape.lda() + row, shape.lda(), depth, rows, workspace, to, ROWS);
      } else {
        Panels.transpose(
            a, aOffset + row * shape.lda() + p, shape.lda(), rows, depth, workspace, to, ROWS);
      }
    }
  }

  @Override
  public void run(int piece, int worker) {
    int slice = packedA + worker * (packedB + ROWS * COLUMNS);
    int scratch = slice + packedB;
    int firstRow = piece / strips * rowPanelsPerPiece;
    int endRow = Math.min(rowPanels, firstRow + rowPanelsPerPiece);
    int firstColumn = piece % strips * columnPanelsPerPiece;
    int endColumn = Math.min(columnPanels, firstColumn + columnPanelsPerPiece);
    for (int p = 0; p < shape.k(); p += BlockSizes.DEPTH) {
      int depth = Math.min(BlockSizes.DEPTH, shape.k() - p);
      for (int columnPanel = firstColumn; columnPanel < endColumn; columnPanel++) {
        int column = columnPanel * COLUMNS;
        int columns = Math.min(COLUMNS, shape.n() - column);
        float[] panel = b;
        int panelOffset = bOffset + p * shape.ldb() + column;
        int panelStep = shape.ldb();
        if (shape.transposeB()) {
          Panels.transpose(
              b,
              bOffset + column * shape.ldb() + p,
              shape.ldb(),
              columns,
              depth,
              workspace,
              slice,
              COLUMNS);
          panel = workspace;
          panelOffset = slice;
          panelStep = COLUMNS;
        } else if (columns % LANES != 0) {
          Panels.copyRows(b, panelOffset, panelStep, depth, columns, workspace, slice, COLUMNS);
          panel = workspace;
          panelOffset = slice;
          panelStep = COLUMNS;
        }
        for (int rowPanel = firstRow; rowPanel < endRow; rowPanel++) {
          tile(rowPanel, column, columns, p, depth, panel, panelOffset, panelStep, scratch);
        }
      }
    }
  }

  /** Adds the terms p … p + depth − 1 to a tile of C. */
  private void tile(
      int rowPanel,
      int column,
      int columns,
      int p,
      int depth,
      float[] panel,
      int panelOffset,
      int panelStep,
      int scratch) {
    int row = rowPanel * ROWS;
    int rows = Math.min(ROWS, shape.m() - row);
    int vectors = ceilDiv(columns, LANES);
    int ldc = shape.ldc();
    int to = cOffset + row * ldc + column;
    float keep = p == 0 ? beta : 1;
    float[] left = workspace;
    int leftOffset = packedRowPanel(rowPanel, p, depth);
    int leftStep = ROWS;
    if (rowPanel < firstPackedRowPanel) {
      left = a;
      leftOffset = aOffset + p * shape.lda() + row;
      leftStep = shape.lda();
    }
    float[] zeros = RegisterTile.ZEROS;
    if (alpha != 1 || keep * (1 - keep) != 0 || rows < ROWS || columns % LANES != 0) {
      RegisterTile.multiply(
          vectors,
          depth,
          left,
          leftOffset,
          leftStep,
          panel,
          panelOffset,
          panelStep,
          zeros,
          0,
          0,
          workspace,
          scratch,
          COLUMNS);
      add(rows, columns, workspace, scratch, keep, to);
    } else if (keep == 0) {
      RegisterTile.multiply(
          vectors,
          depth,
          left,
          leftOffset,
          leftStep,
          panel,
          panelOffset,
          panelStep,
          zeros,
          0,
          0,
          c,
          to,
          ldc);
    } else {
      RegisterTile.multiply(
          vectors,
          depth,
          left,
          leftOffset,
          leftStep,
          panel,
          panelOffset,
          panelStep,
          c,
          to,
          ldc,
          c,
          to,
          ldc);
    }
  }

  /** C = α·sums + keep·C for a tile that is not full or needs a factor. */
  private void add(int rows, int columns, float[] sums, int from, float keep, int to) {
    for (int i = 0; i < rows; i++, from += COLUMNS, to += shape.ldc()) {
      for (int j = 0; j < columns; j++) {
        c[to + j] = alpha * sums[from + j] + (keep == 0 ? 0 : keep * c[to + j]);
      }
    }
  }
}
