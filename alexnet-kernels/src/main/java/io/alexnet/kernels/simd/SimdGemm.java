package io.alexnet.kernels.simd;

import io.alexnet.kernels.Gemm;
import io.alexnet.kernels.GemmShape;
import io.alexnet.kernels.ThreadTeam;

/**
 * C = α·op(A)·op(B) + β·C by register tiles. The operands are left and right of the tile: A and B,
 * or, if B is stored transposed, B and A for Cᵀ = op(B)ᵀ·op(A)ᵀ, so that
 *
 * <ul>
 *   <li>a left operand stored row by row is read in place ({@link RowTile}) where the product has
 *       few columns; for many columns, or if only A is transposed, it is copied into panels once,
 *       for all pieces;
 *   <li>the right operand is copied into panels, because rows far apart miss the TLB: once for all
 *       pieces or, if it is large, by each piece for a block of terms at a time; then no two pieces
 *       share columns.
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

  /** Whether the right operand is copied once for all pieces. */
  private final boolean sharesRight;

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
  private final int packedRight;
  private final int shared;
  private final int panels;
  private final int slice;
  private final ThreadTeam.Task packLeft = this::packLeftPanel;
  private final ThreadTeam.Task packRight = this::packRightBlock;

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
    k = shape.k();
    rows = swapped ? shape.n() : shape.m();
    columns = swapped ? shape.m() : shape.n();

    vectors = ceilDiv(columns, LANES);
    tileRows = byRows ? RowTile.ROWS : RegisterTile.ROWS;
    boolean onePanel = byRows && vectors <= RowTile.VECTORS;
    tileColumns = onePanel ? vectors * LANES : RegisterTile.COLUMNS;
    rowPanels = ceilDiv(rows, tileRows);
    columnPanels = ceilDiv(columns, tileColumns);
    int longest = byRows ? BlockSizes.ROW_DEPTH : BlockSizes.DEPTH;
    depth = ceilDiv(k, ceilDiv(k, longest));

    sharesRight = byRows || (long) k * columns <= BlockSizes.SHARED;
    int mostRowBlocks = sharesRight ? ceilDiv(rows, BlockSizes.ROWS) : 1;
    long wanted = (long) columnPanels * mostRowBlocks / BlockSizes.PIECES;
    columnPanelsPerPiece = (int) Math.max(1, Math.min(BlockSizes.PANELS, wanted));
    strips = ceilDiv(columnPanels, columnPanelsPerPiece);
    int rowBlocks = Math.min(ceilDiv(BlockSizes.PIECES, strips), mostRowBlocks);
    rowPanelsPerPiece = ceilDiv(rowPanels, rowBlocks);
    pieces = strips * ceilDiv(rowPanels, rowPanelsPerPiece);

    packedRight = byRows ? 0 : rowPanels * tileRows * k;
    shared = packedRight + (sharesRight ? vectors * LANES * k : 0);
    int tiles = depth < k ? rowPanelsPerPiece * columnPanelsPerPiece : 1;
    panels = tiles * tileRows * tileColumns;
    slice = panels + (sharesRight ? 0 : columnPanelsPerPiece * tileColumns * depth);
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
    if (sharesRight) {
      team.run(ceilDiv(k, depth), packRight);
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

  private int packedRight(int panel, int p) {
    return packedRight + p * vectors * LANES + panel * tileColumns * Math.min(depth, k - p);
  }

  private void packRightBlock(int block, int worker) {
    packRight(0, columnPanels, block * depth, packedRight(0, block * depth));
  }

  /** Columns of a panel, filled up to whole vectors. */
  private int width(int panel) {
    return Math.min(tileColumns, vectors * LANES - panel * tileColumns);
  }

  private void packRight(int firstPanel, int endPanel, int p, int to) {
    int terms = Math.min(depth, k - p);
    if (swapped && !shape.transposeA()) {
      for (int panel = firstPanel; panel < endPanel; panel++) {
        int column = panel * tileColumns;
        int from = rightOffset + column * shape.lda() + p;
        int filled = Math.min(tileColumns, columns - column);
        int width = width(panel);
        Panels.transpose(right, from, shape.lda(), filled, terms, workspace, to, width);
        to += width * terms;
      }
    } else {
      int step = swapped ? shape.lda() : shape.ldb();
      int column = firstPanel * tileColumns;
      int filled = Math.min(columns, endPanel * tileColumns) - column;
      int from = rightOffset + p * step + column;
      Panels.split(right, from, step, terms, filled, workspace, to, tileColumns);
    }
  }

  @Override
  public void run(int piece, int worker) {
    int firstRowPanel = piece / strips * rowPanelsPerPiece;
    int endRowPanel = Math.min(rowPanels, firstRowPanel + rowPanelsPerPiece);
    int firstPanel = piece % strips * columnPanelsPerPiece;
    int endPanel = Math.min(columnPanels, firstPanel + columnPanelsPerPiece);
    int tiles = shared + worker * slice;
    for (int p = 0; p < k; p += depth) {
      int terms = Math.min(depth, k - p);
      int packed = sharesRight ? packedRight(firstPanel, p) : tiles + panels;
      if (!sharesRight) {
        packRight(firstPanel, endPanel, p, packed);
      }
      int tile = tiles;
      for (int rowPanel = firstRowPanel; rowPanel < endRowPanel; rowPanel++) {
        for (int panel = firstPanel; panel < endPanel; panel++) {
          int b = packed + (panel - firstPanel) * tileColumns * terms;
          tile(rowPanel, panel, p, b, tile);
          if (depth < k) {
            tile += tileRows * tileColumns;
          }
        }
      }
    }
  }

  /**
   * Adds the terms p … p + depth − 1 to a tile of C: in place if it is full and needs no factor,
   * else to sums apart, which go to C with the last terms.
   */
  private void tile(int rowPanel, int panel, int p, int b, int sums) {
    int row = rowPanel * tileRows;
    int column = panel * tileColumns;
    int height = Math.min(tileRows, rows - row);
    int width = Math.min(tileColumns, columns - column);
    boolean inPlace =
        !swapped
            && alpha == 1
            && (beta == 0 || beta == 1)
            && height == tileRows
            && width % LANES == 0;
    if (inPlace) {
      int to = cOffset + row * shape.ldc() + column;
      boolean zero = p == 0 && beta == 0;
      multiply(rowPanel, panel, p, b, zero, c, to, shape.ldc());
    } else {
      multiply(rowPanel, panel, p, b, p == 0, workspace, sums, tileColumns);
      if (p + depth >= k) {
        if (swapped) {
          addTransposed(height, width, sums, cOffset + column * shape.ldc() + row);
        } else {
          add(height, width, sums, cOffset + row * shape.ldc() + column);
        }
      }
    }
  }

  /**
   * @param zero whether the tile's sums begin here
   */
  private void multiply(
      int rowPanel, int panel, int p, int b, boolean zero, float[] to, int toOffset, int toRow) {
    int terms = Math.min(depth, k - p);
    int width = width(panel);
    float[] from = zero ? RegisterTile.ZEROS : to;
    int fromOffset = zero ? 0 : toOffset;
    int fromRow = zero ? 0 : toRow;
    if (!byRows) {
      RegisterTile.multiply(
          width / LANES,
          terms,
          workspace,
          packedLeft(rowPanel, p),
          tileRows,
          workspace,
          b,
          width,
          from,
          fromOffset,
          fromRow,
          to,
          toOffset,
          toRow);
    } else {
      int row = rowPanel * tileRows;
      int leftRow = swapped ? shape.ldb() : shape.lda();
      RowTile.multiply(
          width / LANES,
          Math.min(tileRows, rows - row),
          terms,
          left,
          leftOffset + row * leftRow + p,
          leftRow,
          workspace,
          b,
          width,
          from,
          fromOffset,
          fromRow,
          to,
          toOffset,
          toRow);
    }
  }

  /** C = α·sums + β·C. */
  private void add(int height, int width, int sums, int to) {
    for (int i = 0; i < height; i++, sums += tileColumns, to += shape.ldc()) {
      for (int j = 0; j < width; j++) {
        c[to + j] = alpha * workspace[sums + j] + (beta == 0 ? 0 : beta * c[to + j]);
      }
    }
  }

  /** The same for sums of Cᵀ. */
  private void addTransposed(int height, int width, int sums, int to) {
    for (int j = 0; j < width; j++, sums++, to += shape.ldc()) {
      for (int i = 0; i < height; i++) {
        c[to + i] = alpha * workspace[sums + i * tileColumns] + (beta == 0 ? 0 : beta * c[to + i]);
      }
    }
  }
}
