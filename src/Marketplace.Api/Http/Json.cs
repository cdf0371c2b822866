using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Marketplace.Api.Data;
using Marketplace.Rules;

namespace Marketplace.Api.Http;

/// <summary>Money that is added, or taken away where it is negative.</summary>
public readonly record struct FenChange(Fen Value);

/// <summary>How everything is written to and read from JSON.</summary>
public static class Json
{
    public const string ContentType = "application/json; charset=utf-8";

    public static readonly JsonSerializerOptions Options = Configure(new(JsonSerializerDefaults.Web));

    /// <summary>For what the database holds: its texts were put into normal form when they came in.</summary>
    static readonly JsonSerializerOptions Stored = WithoutNormalText(Options);

    /// <summary>For what callers send: their numbers count by value, so that 5.0 is a whole number. The API document is made without these converters.</summary>
    internal static readonly JsonSerializerOptions Sent = WithWholeNumbers(Options);

    public static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <summary>For writing without the serializer what it would write.</summary>
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        // Named, not left to the first use: the start asks for metadata before anything was written or read.
        options.TypeInfoResolver = new DefaultJsonTypeInfoResolver();
        options.NumberHandling = JsonNumberHandling.Strict;
        options.PropertyNameCaseInsensitive = false;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.RespectNullableAnnotations = true;
        options.MaxDepth = 64;
        // The answer is application/json, never script inside a page: Chinese stays readable.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new Yuan());
        options.Converters.Add(new YuanChange());
        options.Converters.Add(new Instant());
        options.Converters.Add(new NormalText());
        options.Converters.Add(new RenderedConverter());
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        return options;
    }

    /// <summary>A member that is a sum of money.</summary>
    public static void WriteYuan(this Utf8JsonWriter writer, JsonEncodedText name, Fen value)
    {
        writer.WritePropertyName(name);
        writer.WriteYuanValue(value);
    }

    static void WriteYuanValue(this Utf8JsonWriter writer, Fen value)
    {
        Span<byte> digits = stackalloc byte[24];
        digits[0] = (byte)'-';
        var sign = value.Value < 0 ? 1 : 0;
        var (yuan, rest) = Math.DivRem(Math.Abs(value.Value), 100);
        yuan.TryFormat(digits[sign..], out var length, provider: CultureInfo.InvariantCulture);
        length += sign;
        if (rest != 0)
        {
            digits[length++] = (byte)'.';
            digits[length++] = (byte)('0' + (rest / 10));
            digits[length++] = (byte)('0' + (rest % 10));
        }

        writer.WriteRawValue(digits[..length], skipInputValidation: true);
    }

    /// <summary>A text as the API takes it in: one word is one sequence of characters, without blanks around it.</summary>
    public static string Normal(string text) => text.Normalize().Trim();

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>Reads what <see cref="Write"/> wrote to the database.</summary>
    public static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Stored)!;

    /// <param name="record">The table and key of the row that holds it.</param>
    /// <exception cref="UnreadableException">It is not what was written.</exception>
    public static T Read<T>(string json, string record)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Stored) ?? throw new UnreadableException(record);
        }
        catch (JsonException error)
        {
            throw new UnreadableException(record, error);
        }
    }

    static JsonSerializerOptions WithoutNormalText(JsonSerializerOptions options)
    {
        options = new(options);
        options.Converters.Remove(options.Converters.Single(converter => converter is NormalText));
        return options;
    }

    static JsonSerializerOptions WithWholeNumbers(JsonSerializerOptions options)
    {
        options = new(options);
        options.Converters.Add(new Whole());
        options.Converters.Add(new LongWhole());
        return options;
    }

    /// <summary>99,999,999,999,999.99 yuan.</summary>
    const long LargestSum = 9_999_999_999_999_999;

    static Fen ReadYuan(ref Utf8JsonReader reader, long least) =>
        reader.TokenType == JsonTokenType.Number && Fen.TryParseYuan(Digits(ref reader), out var fen) && fen.Value >= least && fen.Value <= LargestSum
            ? fen : throw new JsonException("Not a sum of money.");

    static long ReadWhole(ref Utf8JsonReader reader) =>
        reader.TokenType != JsonTokenType.Number ? throw new JsonException("Not a number.")
        : reader.TryGetInt64(out var plain) ? plain
        : ExactNumber.TryRead(Digits(ref reader), decimals: 0, out var number) ? number : throw new JsonException("Not a whole number.");

    static string Digits(ref Utf8JsonReader reader) => Encoding.ASCII.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan);

    sealed class Whole : JsonConverter<int>
    {
        public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            ReadWhole(ref reader) is >= int.MinValue and <= int.MaxValue and var number ? (int)number : throw new JsonException("Too large a number.");

        public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
    }

    sealed class LongWhole : JsonConverter<long>
    {
        public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => ReadWhole(ref reader);

        public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
    }

    /// <summary>Fen inside, yuan outside: a JSON number with at most two decimals by value.</summary>
    sealed class Yuan : JsonConverter<Fen>
    {
        public override Fen Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => ReadYuan(ref reader, least: 0);

        public override void Write(Utf8JsonWriter writer, Fen value, JsonSerializerOptions options) => writer.WriteYuanValue(value);
    }

    sealed class YuanChange : JsonConverter<FenChange>
    {
        public override FenChange Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(ReadYuan(ref reader, least: -LargestSum));

        public override void Write(Utf8JsonWriter writer, FenChange value, JsonSerializerOptions options) => writer.WriteYuanValue(value.Value);
    }

    /// <summary>RFC 3339 UTC with Z, to the millisecond.</summary>
    sealed class Instant : JsonConverter<DateTimeOffset>
    {
        const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TryGetDateTimeOffset(out var instant) ? instant.ToUniversalTime() : throw new JsonException("Not an instant.");

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
        {
            Span<byte> text = stackalloc byte[24];
            value.UtcDateTime.TryFormat(text, out _, Format, CultureInfo.InvariantCulture);
            writer.WriteStringValue(text);
        }
    }

    /// <summary>Texts are kept trimmed and in Unicode normal form C, so that one word is one sequence of characters.</summary>
    sealed class NormalText : JsonConverter<string>
    {
        public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String ? Normal(reader.GetString()!) : throw new JsonException("Not a text.");

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

        public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString()!;

        public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WritePropertyName(value);
    }
}
