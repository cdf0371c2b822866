namespace Marketplace.Matching;

/// <summary>Turns the columns of a tall matrix into orthogonal ones of length 1 that span the same space, by Cholesky's decomposition.</summary>
internal static class Orthogonal
{
    private const int BlockRows = 1024;

    // Added to the diagonal as a share of its mean: columns that others make up come out short instead of infinite.
    private const double Ridge = 1e-4;

    /// <param name="matrix">Row after row.</param>
    /// <param name="columns">The length of a row.</param>
    /// <param name="parallel">How to do rows side by side; it does not change the result.</param>
    public static void MakeColumns(float[] matrix, int columns, ParallelOptions parallel)
    {
        double[] products = Products(matrix, columns, parallel);
        double ridge = 0;
        for (int i = 0; i < columns; i++)
            ridge += Ridge * products[(i * columns) + i] / columns;
        if (ridge == 0)
            return;
        for (int i = 0; i < columns; i++)
            products[(i * columns) + i] += ridge;
        float[] inverse = InverseOfCholesky(products, columns);
        Parallel.For(0, matrix.Length / columns, parallel, i =>
        {
            Span<float> row = matrix.AsSpan(i * columns, columns), turned = stackalloc float[columns];
            turned.Clear();
            for (int j = 0; j < columns; j++)
                Vectors.Add(row[j], inverse.AsSpan(j * columns, columns), turned);
            turned.CopyTo(row);
        });
    }

    /// <summary>The product of each column with each, added up over blocks of rows in their order.</summary>
    private static double[] Products(float[] matrix, int columns, ParallelOptions parallel)
    {
        int rows = matrix.Length / columns;
        var blocks = new float[(rows + BlockRows - 1) / BlockRows][];
        Parallel.For(0, blocks.Length, parallel, block =>
        {
            float[] sums = blocks[block] = new float[columns * columns];
            for (int i = block * BlockRows; i < Math.Min(rows, (block + 1) * BlockRows); i++)
            {
                ReadOnlySpan<float> row = matrix.AsSpan(i * columns, columns);
                for (int j = 0; j < columns; j++)
                    Vectors.Add(row[j], row, sums.AsSpan(j * columns, columns));
            }
        });

        var products = new double[columns * columns];
        foreach (float[] block in blocks)
        {
            for (int i = 0; i < products.Length; i++)
                products[i] += block[i];
        }

        return products;
    }

    /// <summary>The transposed inverse of the lower triangle whose product with its transpose is the matrix.</summary>
    private static float[] InverseOfCholesky(double[] matrix, int size)
    {
        var lower = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = matrix[(i * size) + j];
                for (int k = 0; k < j; k++)
                    sum -= lower[(i * size) + k] * lower[(j * size) + k];
                lower[(i * size) + j] = i == j ? Math.Sqrt(Math.Max(sum, double.Epsilon)) : sum / lower[(j * size) + j];
            }
        }

        var transposed = new float[size * size];
        var column = new double[size];
        for (int unit = 0; unit < size; unit++)
        {
            for (int i = unit; i < size; i++)
            {
                double sum = i == unit ? 1 : 0;
                for (int k = unit; k < i; k++)
                    sum -= lower[(i * size) + k] * column[k];
                column[i] = sum / lower[(i * size) + i];
                transposed[(unit * size) + i] = (float)column[i];
            }
        }

        return transposed;
    }
}
