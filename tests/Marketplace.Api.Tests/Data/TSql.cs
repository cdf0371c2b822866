using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Marketplace.Api.Data;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Marketplace.Api.Tests.Data;

/// <summary>SQL Server's own grammar, and the part of it that all three databases share (db-migrations/README.md).</summary>
static partial class TSql
{
    static readonly SqlServerDialect Dialect = new("Server=nowhere");

    public static TSqlFragment Parse(string sql, out string[] faults)
    {
        using var text = new StringReader(sql);
        var parsed = new TSql150Parser(initialQuotedIdentifiers: true).Parse(text, out var errors);
        faults = [.. errors.Select(error => $"line {error.Line}, column {error.Column}: {error.Message}")];
        return parsed;
    }

    /// <summary>What is wrong with a statement that a slice wants to send to every database; nothing for a good one.</summary>
    public static string[] Faults(Func<Dialect, string> statement)
    {
        var parsed = Parse(ListParameter().Replace(statement(Dialect), "IN ($1_1, $1_2)"), out var faults);
        if (faults.Length > 0)
        {
            return faults;
        }

        var portable = new PortableSubset();
        parsed.Accept(portable);
        return [.. portable.Faults];
    }

    // Dapper spells a list out, a parameter for each value.
    [GeneratedRegex(@"\bIN (@\w+)")]
    private static partial Regex ListParameter();

    /// <summary>Finds what SQL Server takes and another of the three does not, or not alike.</summary>
    sealed class PortableSubset : TSqlFragmentVisitor
    {
        // Words that PostgreSQL keeps for itself and T-SQL does not (pg_get_keywords, reserved but for functions and types).
        static readonly HashSet<string> ReservedElsewhere = new(StringComparer.OrdinalIgnoreCase)
        {
            "analyse", "analyze", "array", "asymmetric", "binary", "both", "cast", "collation", "concurrently", "current_catalog", "current_role",
            "current_schema", "deferrable", "do", "except", "false", "freeze", "ilike", "initially", "isnull", "lateral", "leading", "limit", "localtime",
            "localtimestamp", "natural", "notnull", "offset", "only", "overlaps", "placing", "returning", "similar", "some", "symmetric", "tablesample",
            "trailing", "true", "using", "variadic", "verbose", "window",
        };

        static readonly HashSet<string> Functions = new(StringComparer.OrdinalIgnoreCase)
        {
            "COUNT", "SUM", "MIN", "MAX", "AVG", "ABS", "LOWER", "UPPER", "REPLACE", "ROW_NUMBER", "RANK", "LAG", "LEAD",
        };

        public List<string> Faults { get; } = [];

        public override void Visit(TSqlStatement node)
        {
            if (node is not (SelectStatement or InsertStatement or UpdateStatement or DeleteStatement))
            {
                Faults.Add($"{node.GetType().Name} is not shared by all databases");
            }
        }

        public override void Visit(TSqlScript node)
        {
            if (node.Batches.Sum(batch => batch.Statements.Count) != 1)
            {
                Faults.Add("not exactly one statement");
            }
        }

        public override void Visit(TopRowFilter node) => Faults.Add("TOP: use Session.First");

        public override void Visit(ForClause node) => Faults.Add("FOR");

        public override void Visit(OutputClause node) => Faults.Add("OUTPUT");

        public override void Visit(TableHint node) => Faults.Add("a table hint");

        public override void Visit(OptimizerHint node) => Faults.Add("a query hint");

        public override void Visit(SelectSetVariable node) => Faults.Add("SELECT into a variable");

        public override void Visit(FunctionCall node)
        {
            if (!Functions.Contains(node.FunctionName.Value))
            {
                Faults.Add($"the function {node.FunctionName.Value}");
            }
        }

        public override void Visit(Identifier node)
        {
            if (node.QuoteType != QuoteType.NotQuoted)
            {
                Faults.Add($"the quoted name {node.Value}");
            }
            else if (ReservedElsewhere.Contains(node.Value))
            {
                Faults.Add($"{node.Value} is reserved elsewhere");
            }
        }

        // Adds with + here and joins with || there.
        public override void Visit(BinaryExpression node)
        {
            if (node.FirstExpression is StringLiteral || node.SecondExpression is StringLiteral)
            {
                Faults.Add("texts joined in SQL");
            }
        }
    }
}

/// <summary>
/// Every statement that any test of this run makes the program send is read by SQL Server's parser before it is sent; one that it does
/// not take fails the request that sent it.
/// </summary>
static class EveryStatement
{
    static readonly ConcurrentDictionary<string, string[]> Heard = new();

    /// <summary>In SQL Server's words.</summary>
    public static IReadOnlyCollection<string> Statements => [.. Heard.Keys];

    public static void Hear(Func<Dialect, string> statement)
    {
        var faults = Heard.GetOrAdd(statement(SqlServer), _ => TSql.Faults(statement));
        if (faults.Length > 0)
        {
            var message = $"Not the SQL that all databases share: {string.Join("; ", faults)}\n{statement(SqlServer)}";
            // The answer to the request will not say it.
            TestContext.Error.WriteLine(message);
            throw new NotSupportedException(message);
        }
    }

    static readonly SqlServerDialect SqlServer = new("Server=nowhere");
}
