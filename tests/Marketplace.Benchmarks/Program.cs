System.Console.WriteLine("gates");
