from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0001_reports'),
    ]

    operations = [
        migrations.AlterField(
            model_name='report',
            name='reading',
            field=models.CharField(default='then', max_length=20),
        ),
    ]
