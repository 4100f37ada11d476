from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('figures', '0001_stated_figures'),
    ]

    operations = [
        migrations.AlterField(
            model_name='figure',
            name='reading',
            field=models.CharField(default='then', max_length=20),
        ),
    ]
