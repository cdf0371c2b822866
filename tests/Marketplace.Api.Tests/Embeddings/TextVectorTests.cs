using Marketplace.Api.Embeddings;

namespace Marketplace.Api.Tests.Embeddings;

public sealed class TextVectorTests
{
    [Test]
    public void What_is_stored_points_where_it_pointed()
    {
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var vector = TextVector.Of([.. Enumerable.Range(0, 1 + random.Next(1500)).Select(_ => random.NextSingle() - 0.5f)])!;
            Assert.That(TextVector.Read(vector.Write())!.Cosine(vector), Is.EqualTo(1).Within(1e-4));
        }
    }

    [Test]
    public void The_cosine_does_not_depend_on_the_length_that_was_sent()
    {
        var one = TextVector.Of([3, 4])!;
        Assert.That(TextVector.Of([300, 400])!.Cosine(one), Is.EqualTo(1).Within(1e-6));
        Assert.That(TextVector.Of([-4, 3])!.Cosine(one), Is.EqualTo(0).Within(1e-6));
        Assert.That(TextVector.Of([-3, -4])!.Cosine(one), Is.EqualTo(-1).Within(1e-6));
    }

    [Test]
    public void What_is_no_direction_is_none()
    {
        Assert.That(TextVector.Of([]), Is.Null);
        Assert.That(TextVector.Of([0, 0]), Is.Null);
        Assert.That(TextVector.Of([1, float.NaN]), Is.Null);
        Assert.That(TextVector.Of([1, float.PositiveInfinity]), Is.Null);
        Assert.That(TextVector.Of(new float[TextVector.MostComponents + 1]), Is.Null);
        Assert.That(TextVector.Read([1, 2]), Is.Null);
        Assert.That(TextVector.Read(new byte[20]), Is.Null);
    }
}
