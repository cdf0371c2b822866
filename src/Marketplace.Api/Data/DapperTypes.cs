using System.Data;
using System.Globalization;
using Dapper;
using Microsoft.Data.SqlClient;

namespace Marketplace.Api.Data;

/// <summary>Instants are UTC in every engine's own type (text in SQLite); dates are dates. Both read back the same everywhere.</summary>
static class DapperTypes
{
    public static void Register()
    {
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
        SqlMapper.RemoveTypeMap(typeof(DateOnly));
        SqlMapper.AddTypeHandler(new Instants());
        SqlMapper.AddTypeHandler(new Dates());
    }

    sealed class Instants : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value)
        {
            if (parameter is SqlParameter)
            {
                parameter.DbType = DbType.DateTime2;
            }

            parameter.Value = value.UtcDateTime;
        }

        public override DateTimeOffset Parse(object value) => value switch
        {
            DateTime instant => new(DateTime.SpecifyKind(instant, DateTimeKind.Utc)),
            // As SQLite's driver writes it, and in no other form: another spelling of the same instant would be an unseen change of the row.
            string text => DateTimeOffset.ParseExact(text, "yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            _ => throw new InvalidCastException($"No instant in a {value.GetType()}."),
        };
    }

    internal sealed class Dates : SqlMapper.TypeHandler<DateOnly>
    {
        public override void SetValue(IDbDataParameter parameter, DateOnly value)
        {
            if (parameter is SqlParameter)
            {
                // Else it goes as datetime, which begins in 1753 and is not what the columns are.
                (parameter.DbType, parameter.Value) = (DbType.Date, value.ToDateTime(TimeOnly.MinValue));
                return;
            }

            parameter.Value = value;
        }

        public override DateOnly Parse(object value) => value switch
        {
            DateOnly date => date,
            DateTime midnight => DateOnly.FromDateTime(midnight),
            string text => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture),
            _ => throw new InvalidCastException($"No date in a {value.GetType()}."),
        };
    }
}
