package io.alexnet.kernels.simd;

import io.alexnet.kernels.Gemm;
import io.alexnet.kernels.GemmShape;
import io.alexnet.kernels.ThreadTeam;
import jdk.incubator.vector.FloatVector;

/**
 * C = op(A)·op(B) or C += op(A)·op(B) by register tiles, a block of terms after the other (Goto and
 * van de Geijn 2008). The operands are left and right of the tile: A and B, or, if B is stored
 * transposed, B and A for Cᵀ = op(B)ᵀ·op(A)ᵀ, so that
 *
 * <ul>
 *   <li>a left operand stored row by row is read in place ({@link RowTile}); only if A alone is
 *       transposed is it copied, for all pieces, into panels of columns ({@link RegisterTile});
 *   <li>the right operand is copied into panels, because rows far apart miss the TLB: by each piece
 *       for its own columns where there are enough of them, else once for all pieces, which then
 *       share columns and divide rows.
 * </ul>
 *
 * Panels are filled up to whole vectors, so no tile ever needs a mask.
 */
final class SimdGemm implements Gemm, ThreadTeam.Task {

  private static final int LANES = RegisterTile.LANES;

  private final GemmShape shape;

  /** Whether the tile computes Cᵀ. */
  private final boolean swapped;

  /** Whether the left operand is stored row by row and read in place. */
  private final boolean inRows;

  /** Whether the right operand is copied once for all pieces. */
  private final boolean sharesRight;

  private final int k;
  private final int rows;
  private final int columns;
  private final int tileRows;
  private final int tileColumns;

  /** From a row of a panel of the right operand to the next. */
  private final int pitch;

  private final int rowPanels;
  private final int vectors;
  private final int columnPanels;
  private final int depth;
  private final int rowPanelsPerPiece;
  private final int columnPanelsPerPiece;
  private final int rowBlocks;
  private final int strips;

  /** Floats of a tile's rows where they are copied. */
  private final int leftPanel;

  private final int packedRight;
  private final int sums;
  private final int shared;
  private final int slice;
  private final ThreadTeam.Task packLeft = this::packLeft;
  private final ThreadTeam.Task packRight = this::packRight;

  private float[] workspace;
  private float[] left;
  private int leftOffset;
  private float[] right;
  private int rightOffset;
  private float[] c;
  private int cOffset;
  private boolean accumulate;

  /** The first term of the block at hand, and how many it has. */
  private int first;

  private int terms;

  SimdGemm(GemmShape shape) {
    this.shape = shape;
    swapped = shape.transposeB();
    k = shape.k();
    rows = swapped ? shape.n() : shape.m();
    columns = swapped ? shape.m() : shape.n();

    inRows = swapped || !shape.transposeA();
    vectors = Rounding.ceilDiv(columns, LANES);
    columnPanels = Rounding.ceilDiv(vectors, inRows ? RowTile.VECTORS : RegisterTile.VECTORS);
    int tileVectors = Rounding.ceilDiv(vectors, columnPanels);
    tileColumns = tileVectors * LANES;
    tileRows = inRows ? RowTile.height(tileVectors) : RegisterTile.ROWS;
    rowPanels = Rounding.ceilDiv(rows, tileRows);
    pitch = inRows ? tileColumns : RegisterTile.COLUMNS;
    depth =
        Rounding.ceilDiv(
            k, Rounding.ceilDiv(k, inRows ? BlockSizes.RIGHT / pitch : BlockSizes.DEPTH));

    int mostPanels = BlockSizes.RIGHT / (depth * pitch);
    sharesRight = columnPanels < BlockSizes.PIECES / 2;
    int wantedPanels =
        sharesRight ? columnPanels : Rounding.ceilDiv(columnPanels, BlockSizes.PIECES);
    columnPanelsPerPiece = Math.min(mostPanels, wantedPanels);
    strips = Rounding.ceilDiv(columnPanels, columnPanelsPerPiece);
    int wantedBlocks = sharesRight ? Rounding.ceilDiv(BlockSizes.PIECES, strips) : 1;
    rowPanelsPerPiece =
        Rounding.ceilDiv(
            rowPanels, Math.min(wantedBlocks, Rounding.ceilDiv(rows, BlockSizes.ROWS)));
    rowBlocks = Rounding.ceilDiv(rowPanels, rowPanelsPerPiece);

    leftPanel = inRows ? 0 : tileRows * depth;
    packedRight =
        Math.toIntExact(CacheLines.FIRST + CacheLines.whole((long) rowPanels * leftPanel));
    long right = (long) pitch * depth;
    sums = Math.toIntExact(packedRight + (sharesRight ? columnPanels * right : 0));
    long products = (long) rowPanels * columnPanels * tileRows * tileColumns;
    shared = Math.toIntExact(sums + (swapped ? products : 0));
    slice =
        Math.toIntExact(tileRows * tileColumns + (sharesRight ? 0 : columnPanelsPerPiece * right));
  }

  /** The first column of a panel; the panels differ by a vector at most. */
  private int column(int panel) {
    return (int) ((long) panel * vectors / columnPanels) * LANES;
  }

  private int width(int panel) {
    return Math.min(column(panel + 1), columns) - column(panel);
  }

  @Override
  public GemmShape shape() {
    return shape;
  }

  @Override
  public int workspace(int threads) {
    return Math.toIntExact(shared + (long) threads * slice);
  }

  @Override
  public void run(
      ThreadTeam team,
      float[] workspace,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] c,
      int cOffset,
      boolean accumulate) {
    this.workspace = workspace;
    left = swapped ? b : a;
    leftOffset = swapped ? bOffset : aOffset;
    right = swapped ? a : b;
    rightOffset = swapped ? aOffset : bOffset;
    this.c = c;
    this.cOffset = cOffset;
    this.accumulate = accumulate;
    for (first = 0; first < k; first += depth) {
      terms = Math.min(depth, k - first);
      if (!inRows) {
        team.run(rowPanels, packLeft);
      }
      if (sharesRight) {
        team.run(columnPanels, packRight);
      }
      team.run(strips * rowBlocks, this);
    }
  }

  private void packLeft(int panel, int worker) {
    int row = panel * tileRows;
    int height = Math.min(tileRows, rows - row);
    int from = leftOffset + first * shape.lda() + row;
    int to = CacheLines.FIRST + panel * leftPanel;
    Panels.copyRows(left, from, shape.lda(), terms, height, workspace, to, tileRows);
  }

  private void packRight(int panel, int worker) {
    fillPanel(panel, packedRight + panel * pitch * terms);
  }

  private void fillPanel(int panel, int to) {
    int column = column(panel);
    int width = width(panel);
    if (swapped && !shape.transposeA()) {
      int from = rightOffset + column * shape.lda() + first;
      Panels.transpose(right, from, shape.lda(), width, terms, workspace, to, pitch);
    } else {
      int step = swapped ? shape.lda() : shape.ldb();
      int from = rightOffset + first * step + column;
      Panels.cut(right, from, step, terms, width, workspace, to, pitch);
    }
  }

  @Override
  public void run(int piece, int worker) {
    int firstRowPanel = piece % rowBlocks * rowPanelsPerPiece;
    int endRowPanel = Math.min(rowPanels, firstRowPanel + rowPanelsPerPiece);
    int firstPanel = piece / rowBlocks * columnPanelsPerPiece;
    int endPanel = Math.min(columnPanels, firstPanel + columnPanelsPerPiece);
    int scratch = shared + worker * slice;
    int packed = packedRight + firstPanel * pitch * terms;
    if (!sharesRight) {
      packed = scratch + tileRows * tileColumns;
      for (int panel = firstPanel; panel < endPanel; panel++) {
        fillPanel(panel, packed + (panel - firstPanel) * pitch * terms);
      }
    }
    for (int rowPanel = firstRowPanel; rowPanel < endRowPanel; rowPanel++) {
      for (int panel = firstPanel; panel < endPanel; panel++) {
        tile(rowPanel, panel, packed + (panel - firstPanel) * pitch * terms, scratch);
      }
    }
  }

  /**
   * Adds the block's terms to a tile of C: in place if it is full, else by way of sums apart. Those
   * of Cᵀ go to C with the last block only, because it is slow.
   */
  private void tile(int rowPanel, int panel, int b, int scratch) {
    int row = rowPanel * tileRows;
    int column = column(panel);
    int height = Math.min(tileRows, rows - row);
    int width = width(panel);
    if (swapped) {
      int tile = sums + (rowPanel * columnPanels + panel) * tileRows * tileColumns;
      multiply(rowPanel, panel, b, first == 0, workspace, tile, tileColumns);
      if (first + terms == k) {
        addTransposed(height, width, tile, cOffset + column * shape.ldc() + row);
      }
      return;
    }
    int to = cOffset + row * shape.ldc() + column;
    boolean keep = accumulate || first > 0;
    if (height == tileRows && width % LANES == 0) {
      multiply(rowPanel, panel, b, !keep, c, to, shape.ldc());
    } else {
      multiply(rowPanel, panel, b, true, workspace, scratch, tileColumns);
      add(height, width, scratch, keep, to);
    }
  }

  /**
   * @param zero whether the tile's sums begin here
   */
  private void multiply(
      int rowPanel, int panel, int b, boolean zero, float[] to, int toOffset, int toRow) {
    int panelVectors = Rounding.ceilDiv(width(panel), LANES);
    float[] from = zero ? RegisterTile.ZEROS : to;
    int fromOffset = zero ? 0 : toOffset;
    int fromRow = zero ? 0 : toRow;
    if (inRows) {
      int row = rowPanel * tileRows;
      int leftRow = swapped ? shape.ldb() : shape.lda();
      int a = leftOffset + row * leftRow + first;
      RowTile.multiply(
          tileRows,
          panelVectors,
          Math.min(tileRows, rows - row),
          terms,
          left,
          a,
          leftRow,
          workspace,
          b,
          pitch,
          from,
          fromOffset,
          fromRow,
          to,
          toOffset,
          toRow);
    } else {
      int a = CacheLines.FIRST + rowPanel * leftPanel;
      RegisterTile.multiply(
          panelVectors,
          terms,
          workspace,
          a,
          tileRows,
          workspace,
          b,
          from,
          fromOffset,
          fromRow,
          to,
          toOffset,
          toRow);
    }
  }

  /** C = sums or C += sums, without a look at C if it isn't kept: it may hold NaN. */
  private void add(int height, int width, int sums, boolean keep, int to) {
    int whole = RegisterTile.SPECIES.loopBound(width);
    for (int i = 0; i < height; i++, sums += tileColumns, to += shape.ldc()) {
      for (int j = 0; j < whole; j += LANES) {
        FloatVector sum = FloatVector.fromArray(RegisterTile.SPECIES, workspace, sums + j);
        if (keep) {
          sum = FloatVector.fromArray(RegisterTile.SPECIES, c, to + j).add(sum);
        }
        sum.intoArray(c, to + j);
      }
      for (int j = whole; j < width; j++) {
        c[to + j] = workspace[sums + j] + (keep ? c[to + j] : 0);
      }
    }
  }

  /** The same for sums of Cᵀ. */
  private void addTransposed(int height, int width, int sums, int to) {
    for (int j = 0; j < width; j++, sums++, to += shape.ldc()) {
      for (int i = 0; i < height; i++) {
        c[to + i] = workspace[sums + i * tileColumns] + (accumulate ? c[to + i] : 0);
      }
    }
  }
}
