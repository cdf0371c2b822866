using System.Text.Json;
using System.Text.Json.Serialization;

namespace Marketplace.Api.Http;

/// <summary>A <typeparamref name="T"/> that is an answer's JSON already.</summary>
public sealed record Rendered<T>(byte[] Utf8) : IRendered;

interface IRendered
{
    byte[] Utf8 { get; }
}

/// <summary>Writes it as it is; the API document describes it as a <c>T</c>.</summary>
sealed class RenderedConverter : JsonConverter<IRendered>
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsAssignableTo(typeof(IRendered));

    public override IRendered Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Answers are not read.");

    public override void Write(Utf8JsonWriter writer, IRendered value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Utf8, skipInputValidation: true);
}
