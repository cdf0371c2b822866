namespace Marketplace.Matching;

/// <summary>A segment in a stored index: its arrays as they are.</summary>
internal static class StoredSegment
{
    public static void Save(SnapshotWriter writer, SegmentView view)
    {
        Segment segment = view.Segment;
        writer.Array<byte>(segment.Ids.Bytes);
        writer.Array<int>(segment.Ids.Ends);
        writer.Array<int>(segment.Ids.Table);
        writer.Array<ushort>(segment.Lengths);
        Facts facts = segment.Facts;
        foreach (Column<string> column in new[] { facts.Fields, facts.Regions, facts.Modes, facts.Owners })
        {
            writer.Strings(column.Values);
            writer.Array<byte>(column.Codes);
        }

        foreach (Column<long> column in new[] { facts.Lows, facts.Highs, facts.Readiness })
        {
            writer.Array<long>(column.Values);
            writer.Array<byte>(column.Codes);
        }

        writer.Array<ulong>(segment.Keys);
        writer.Array<int>(segment.Frequencies);
        writer.Array<int>(segment.Starts);
        writer.Array<byte>(segment.Postings);
        writer.Array<ulong>(view.Deleted ?? []);
        writer.Number(view.DeletedCount);
    }

    public static SegmentView Load(SnapshotReader reader)
    {
        var ids = new Ids(reader.Array<byte>(), reader.Array<int>(), reader.Array<int>());
        ushort[] lengths = reader.Array<ushort>();
        var facts = new Facts(Strings(), Strings(), Strings(), Strings(), Numbers(), Numbers(), Numbers());
        var segment = new Segment(
            ids, lengths, facts, reader.Array<ulong>(), reader.Array<int>(), reader.Array<int>(), reader.Array<byte>());
        ulong[] deleted = reader.Array<ulong>();
        return new SegmentView(segment, deleted.Length == 0 ? null : deleted, (int)reader.Number());

        Column<string> Strings() => new(reader.Strings(), reader.Array<byte>());

        Column<long> Numbers() => new(reader.Array<long>(), reader.Array<byte>());
    }
}
